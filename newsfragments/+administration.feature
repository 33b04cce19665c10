``--admin-listen`` serves health, readiness, Prometheus metrics and a page for people.
