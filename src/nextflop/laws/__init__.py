"""The families of laws, one small file each."""
