"""RabbitMQ: topology, consumers, confirmed publishing."""
