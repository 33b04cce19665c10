What the gateway does not do is refused with ``NotImplemented``, by sub-resource, header or parameter, and never taken for something else.
