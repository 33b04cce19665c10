// The AWS SDK for Go, version 2, with its defaults: awssdk URL KEY BUCKET.
package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"log"
	"net/http"
	"os"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/feature/s3/transfermanager"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/s3/types"
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
	url, key, bucket := os.Args[1], os.Args[2], aws.String(os.Args[3])
	ctx := context.Background()
	client := s3.New(s3.Options{
		BaseEndpoint: aws.String(url),
		Region:       "us-east-1",
		UsePathStyle: true,
		Credentials:  credentials.NewStaticCredentialsProvider(key, key, ""),
	})

	_, err := client.CreateBucket(ctx, &s3.CreateBucketInput{Bucket: bucket})
	check(err)
	put, err := client.PutObject(ctx, &s3.PutObjectInput{Bucket: bucket, Key: aws.String("dir/o"), Body: strings.NewReader("hello")})
	check(err)
	got, err := client.GetObject(ctx, &s3.GetObjectInput{Bucket: bucket, Key: aws.String("dir/o"), VersionId: put.VersionId})
	check(err)
	content, err := io.ReadAll(got.Body)
	check(err)
	expect(string(content) == "hello", "the bytes come back")

	big := bytes.Repeat([]byte("0123456789abcdef"), 20<<16)
	manager := transfermanager.New(client)
	_, err = manager.UploadObject(ctx, &transfermanager.UploadObjectInput{Bucket: bucket, Key: aws.String("big"), Body: bytes.NewReader(big)})
	check(err)
	back, err := client.GetObject(ctx, &s3.GetObjectInput{Bucket: bucket, Key: aws.String("big")})
	check(err)
	content, err = io.ReadAll(back.Body)
	check(err)
	expect(bytes.Equal(content, big), "the large object comes back")

	listed, err := client.ListObjectsV2(ctx, &s3.ListObjectsV2Input{Bucket: bucket, Delimiter: aws.String("/")})
	check(err)
	expect(len(listed.Contents) == 1 && len(listed.CommonPrefixes) == 1, "one object and one common prefix")

	_, err = client.PutObject(ctx, &s3.PutObjectInput{Bucket: bucket, Key: aws.String("big"), Body: strings.NewReader("x"), IfNoneMatch: aws.String("*")})
	var failed interface{ ErrorCode() string }
	expect(errors.As(err, &failed) && failed.ErrorCode() == "PreconditionFailed", "a conditional write fails")

	signed, err := s3.NewPresignClient(client).PresignGetObject(ctx, &s3.GetObjectInput{Bucket: bucket, Key: aws.String("dir/o")})
	check(err)
	answer, err := http.Get(signed.URL)
	check(err)
	content, err = io.ReadAll(answer.Body)
	check(err)
	expect(string(content) == "hello", "a presigned URL works")

	_, err = client.DeleteObjects(ctx, &s3.DeleteObjectsInput{Bucket: bucket, Delete: &types.Delete{
		Objects: []types.ObjectIdentifier{{Key: aws.String("big")}, {Key: aws.String("dir/o")}},
	}})
	check(err)
	_, err = client.DeleteBucket(ctx, &s3.DeleteBucketInput{Bucket: bucket})
	check(err)
	fmt.Println("passed")
}
