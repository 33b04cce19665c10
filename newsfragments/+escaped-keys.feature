``--escape-keys yes`` keeps keys that PFS cannot hold, such as ``a+b (1).txt`` and ``é``, under escaped names, and shows them as they are.
