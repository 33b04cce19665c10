Multipart uploads that nobody completes are forgotten after seven days.
