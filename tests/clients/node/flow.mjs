// The AWS SDK for JavaScript, version 3, with its defaults: node flow.mjs URL KEY BUCKET

import assert from "node:assert/strict";
import { createRequire } from "node:module";
import { Readable } from "node:stream";
import { pathToFileURL } from "node:url";

const require = createRequire(pathToFileURL(`${process.env.PACHGW_CLIENTS}/node/package.json`));
const { S3 } = require("@aws-sdk/client-s3");
const { GetObjectCommand } = require("@aws-sdk/client-s3");
const { Upload } = require("@aws-sdk/lib-storage");
const { getSignedUrl } = require("@aws-sdk/s3-request-presigner");

const [url, key, Bucket] = process.argv.slice(2);
const s3 = new S3({
  endpoint: url,
  region: "us-east-1",
  forcePathStyle: true,
  credentials: { accessKeyId: key, secretAccessKey: key },
});

await s3.createBucket({ Bucket });
const put = await s3.putObject({ Bucket, Key: "dir/o", Body: "hello" });
const got = await s3.getObject({ Bucket, Key: "dir/o" });
assert.equal(await got.Body.transformToString(), "hello");
assert.equal(got.VersionId, put.VersionId);

const big = Buffer.alloc(12 << 20, "0123456789abcdef");
const upload = new Upload({
  client: s3,
  params: { Bucket, Key: "big", Body: Readable.from([big]) },
  partSize: 5 << 20,
  queueSize: 4,
});
await upload.done();
const back = await s3.getObject({ Bucket, Key: "big" });
assert.ok(Buffer.from(await back.Body.transformToByteArray()).equals(big));

const listed = await s3.listObjectsV2({ Bucket, Delimiter: "/" });
assert.deepEqual(listed.CommonPrefixes.map((row) => row.Prefix), ["dir/"]);
assert.deepEqual(listed.Contents.map((row) => row.Key), ["big"]);

const signed = await getSignedUrl(s3, new GetObjectCommand({ Bucket, Key: "dir/o" }), { expiresIn: 600 });
assert.equal(await (await fetch(signed)).text(), "hello");

const removed = await s3.deleteObjects({ Bucket, Delete: { Objects: [{ Key: "big" }, { Key: "dir/o" }] } });
assert.equal(removed.Deleted.length, 2);
await s3.deleteBucket({ Bucket });
