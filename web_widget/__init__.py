"""The files a customer's browser runs, shipped as package data; there is no Python in here."""
