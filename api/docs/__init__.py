"""What developers read: the reference of the HTTP interface and what each error means."""
