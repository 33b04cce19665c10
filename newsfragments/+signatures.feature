With auth on, requests are signed with AWS signature version 4 or 2, in headers or in presigned URLs; access key and secret key are both the Pachyderm token.
