A commit that pachd refused because it lost a lease meanwhile is made again.
