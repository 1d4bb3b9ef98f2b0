"""The fields of Setup, and the help of the present one."""
