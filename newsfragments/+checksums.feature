CRC32, CRC32C, CRC64NVME, SHA1, SHA256 and Content-MD5 of an upload are verified, as header or as trailer.
