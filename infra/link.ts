/**
 * SST's links grant `dynamodb:*`, `s3:*`, `sqs:*` and `iot:Publish` on everything. Ours say where things
 * are, and nothing else: what a function may do stands beside it, in words of permission.ts.
 */

sst.Linkable.wrap(sst.aws.Dynamo, (table) => ({ properties: { name: table.name } }))
sst.Linkable.wrap(sst.aws.Bucket, (bucket) => ({ properties: { name: bucket.name } }))
sst.Linkable.wrap(sst.aws.Queue, (queue) => ({ properties: { url: queue.url } }))
sst.Linkable.wrap(sst.aws.Realtime, ({ endpoint, authorizer }) => ({ properties: { endpoint, authorizer } }))
