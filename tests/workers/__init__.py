"""
Tests of L{pachgw.workers}.
"""
