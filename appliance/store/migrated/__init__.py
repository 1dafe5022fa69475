"""One file per migration, listed in `store/migrations.py`. A released one is never edited."""
