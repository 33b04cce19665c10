With ``--pachd`` the gateway works on a Pachyderm 2.x cluster, plain or over TLS; while pachd is away requests get 503 ``ServiceUnavailable`` at once, and all goes on when it is back.
