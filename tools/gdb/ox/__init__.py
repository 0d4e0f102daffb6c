"""ox's commands for gdb. tools/gdb/ox_gdb.py loads them."""
