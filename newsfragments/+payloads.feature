Bodies in every form that today's SDKs send are decoded and verified before anything is written: hashed, unsigned, in signed chunks, with trailers.
