"""The rules, one file a family; each file lists its own as `RULES`, in the order in which they are tried."""
