// The operations that the documents list for MinIO's Go SDK: miniosdk HOST KEY BUCKET.
package main

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"log"
	"os"
	"path/filepath"

	"github.com/minio/minio-go/v7"
	"github.com/minio/minio-go/v7/pkg/credentials"
)

func check(err error) {
	if err != nil {
		log.Output(2, err.Error())
		os.Exit(1)
	}
}

func expect(holds bool, what string) {
	if !holds {
		log.Output(2, "expected: "+what)
		os.Exit(1)
	}
}

func main() {
	log.SetFlags(log.Lshortfile)
	host, key, bucket := os.Args[1], os.Args[2], os.Args[3]
	ctx := context.Background()
	client, err := minio.New(host, &minio.Options{Creds: credentials.NewStaticV4(key, key, "")})
	check(err)

	check(client.MakeBucket(ctx, bucket, minio.MakeBucketOptions{}))
	exists, err := client.BucketExists(ctx, bucket)
	check(err)
	expect(exists, "the bucket exists")
	buckets, err := client.ListBuckets(ctx)
	check(err)
	found := false
	for _, row := range buckets {
		found = found || row.Name == bucket
	}
	expect(found, "the bucket is listed")

	_, err = client.PutObject(ctx, bucket, "dir/o", bytes.NewReader([]byte("hello")), 5, minio.PutObjectOptions{})
	check(err)
	object, err := client.GetObject(ctx, bucket, "dir/o", minio.GetObjectOptions{})
	check(err)
	content, err := io.ReadAll(object)
	check(err)
	expect(string(content) == "hello", "the bytes come back")
	stat, err := client.StatObject(ctx, bucket, "dir/o", minio.StatObjectOptions{})
	check(err)
	expect(stat.Size == 5 && stat.VersionID != "", "the size and a version")

	folder, err := os.MkdirTemp("", "miniosdk")
	check(err)
	defer os.RemoveAll(folder)
	up, down := filepath.Join(folder, "up"), filepath.Join(folder, "down")
	check(os.WriteFile(up, bytes.Repeat([]byte("0123456789abcdef"), 20<<16), 0o600))
	_, err = client.FPutObject(ctx, bucket, "big", up, minio.PutObjectOptions{PartSize: 5 << 20})
	check(err)
	check(client.FGetObject(ctx, bucket, "big", down, minio.GetObjectOptions{}))
	sent, err := os.ReadFile(up)
	check(err)
	received, err := os.ReadFile(down)
	check(err)
	expect(bytes.Equal(sent, received), "the file comes back")

	keys := ""
	for row := range client.ListObjects(ctx, bucket, minio.ListObjectsOptions{Recursive: true}) {
		check(row.Err)
		keys += row.Key + " "
	}
	expect(keys == "big dir/o ", "both objects are listed")
	_, err = client.CopyObject(ctx, minio.CopyDestOptions{Bucket: bucket, Object: "copy"}, minio.CopySrcOptions{Bucket: bucket, Object: "big"})
	check(err)
	for _, name := range []string{"big", "copy", "dir/o"} {
		check(client.RemoveObject(ctx, bucket, name, minio.RemoveObjectOptions{}))
	}
	_, err = client.StatObject(ctx, bucket, "big", minio.StatObjectOptions{})
	expect(minio.ToErrorResponse(err).Code == "NoSuchKey", "a removed object is gone")
	check(client.RemoveBucket(ctx, bucket))
	fmt.Println("passed")
}
