"""What people see: pages for the company, rendered on the server and alive while somebody watches."""
