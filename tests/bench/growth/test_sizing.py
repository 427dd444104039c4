from tests.bench.growth.sizing import sizing


def test_a_day_and_a_thousand_nodes_are_told_with_their_arithmetic() -> None:
    sentences = sizing(2_000, {"workers": 0.3, "postgresql": 0.2, "rabbitmq": 0.05})

    assert sentences == [
        "One node: 2,000 events/s x 86,400 s = 172,800,000 events a day.",
        "A thousand times as much is 2,000,000 events/s; a server of 64 cores, 60% full, carries 38.",
        "Workers: 2,000,000 x 0.300 ms / 1000 = 600 cores, in as many replicas as one likes.",
        "PostgreSQL: 2,000,000 x 0.200 ms / 1000 = 400 cores.",
        "That is 11 primaries with accounts shared out, each with replicas and monthly partitions.",
        "RabbitMQ: 2,000,000 x 0.050 ms / 1000 x 3 members of a quorum queue = 300 cores.",
        "That is 8 nodes, in clusters of 3 with accounts shared out.",
    ]
