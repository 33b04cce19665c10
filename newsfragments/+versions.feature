ListObjectVersions shows each commit that changed a key as a version, and each that removed it as a delete marker.
