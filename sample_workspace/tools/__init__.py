"""What the pipeline runs around the shop: the database server, migrations, assets, the package."""
