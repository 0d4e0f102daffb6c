"""What gdb knows of ox: see tools/gdb/ox_gdb.py."""
