``python -m pachgw`` also checks (``fsck``) and collects (``gc``) a store, makes tokens and grants roles (``auth``), and probes a gateway (``probe``).
