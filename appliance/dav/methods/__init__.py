"""The methods of the RFCs, one file each; dav/server.py lists them."""
