"""
Tells C{twistd} about C{pachs3}.
"""

from twisted.application.service import ServiceMaker

pachs3 = ServiceMaker("pachs3", "pachgw.tap", "An S3 gateway to versioned data, on Pachyderm or on its own.", "pachs3")
