"""The way to PostgreSQL: sessions, migrations, partitions."""
