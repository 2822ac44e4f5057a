/** What the tables say, in the languages of the README. */

export const languages = ["en", "ja"] as const
export type Language = (typeof languages)[number]
type Text = Record<Language, string>

export const row = {
  machine: { en: "EC2, t3.large (hours)", ja: "EC2 t3.large（時間）" },
  disk: { en: "EBS gp3 (GB × hours)", ja: "EBS gp3（GB × 時間）" },
  address: { en: "Public IPv4 address (hours)", ja: "パブリック IPv4 アドレス（時間）" },
  reads: { en: "DynamoDB reads (RRU)", ja: "DynamoDB 読み取り（RRU）" },
  writes: { en: "DynamoDB writes (WRU)", ja: "DynamoDB 書き込み（WRU）" },
  table: { en: "DynamoDB storage, a month (MB)", ja: "DynamoDB ストレージ 1 か月（MB）" },
  messages: { en: "Realtime messages", ja: "リアルタイムメッセージ" },
  connections: { en: "Realtime connections (minutes)", ja: "リアルタイム接続（分）" },
  invocations: { en: "Lambda invocations", ja: "Lambda 呼び出し" },
  duration: { en: "Lambda duration (GB-s)", ja: "Lambda 実行時間（GB 秒）" },
  requests: { en: "HTTP requests", ja: "HTTP リクエスト" },
  out: { en: "Data out (MB)", ja: "データ送信（MB）" },
  objects: { en: "S3 requests", ja: "S3 リクエスト" },
  bucket: { en: "S3 storage, a month (MB)", ja: "S3 ストレージ 1 か月（MB）" },
  queue: { en: "SQS requests", ja: "SQS リクエスト" },
  logs: { en: "Logs (KB)", ja: "ログ（KB）" },
} as const satisfies Record<string, Text>
export type RowName = keyof typeof row

/** Why we are over, where we are. */
export const why: Partial<Record<RowName, Text>> = {
  writes: {
    en: "every event is kept, in order and with its whole result",
    ja: "すべてのイベントを順序どおり、結果の全体とともに保存するため",
  },
  messages: {
    en: "what the model writes is shown while it writes it",
    ja: "モデルの出力を書かれるそばから表示するため",
  },
  connections: {
    en: "worker and browser are connected; theirs counts one",
    ja: "ワーカーとブラウザの両方が接続するため（参照システムは 1 接続）",
  },
  invocations: {
    en: "a worker holds no rights on the data: each append is a request to the API",
    ja: "ワーカーはデータへの権限を持たず、追記のたびに API を呼ぶため",
  },
  duration: { en: "the same requests", ja: "同じリクエストによる" },
  requests: { en: "the same requests", ja: "同じリクエストによる" },
}

export const idle = {
  sweeper: { en: "Sweeper, each minute (invocations)", ja: "スイーパー、毎分（呼び出し）" },
  looks: { en: "DynamoDB reads of the sweeper (RRU)", ja: "スイーパーの DynamoDB 読み取り（RRU）" },
  polls: {
    en: "Lambda asks the launcher's queue (SQS requests)",
    ja: "Lambda がランチャーのキューを確認（SQS リクエスト）",
  },
  lines: { en: "Logs of the sweeper (MB)", ja: "スイーパーのログ（MB）" },
  alarms: { en: "Alarms (metrics)", ja: "アラーム（メトリクス）" },
  person: { en: "Each person who signs in (Cognito)", ja: "サインインする人 1 人ごと（Cognito）" },
  firewall: {
    en: "Production only: firewall (web ACL and rules)",
    ja: "production のみ: ファイアウォール（Web ACL とルール）",
  },
  panel: { en: "Production only: CloudWatch dashboard", ja: "production のみ: CloudWatch ダッシュボード" },
} as const satisfies Record<string, Text>
export type IdleName = keyof typeof idle

export const head = {
  session: {
    en: ["", "a session takes", "USD for 100", "reference", "USD for 100", ""],
    ja: ["", "1 セッションの量", "100 回の USD", "参照システム", "100 回の USD", ""],
  },
  idle: { en: ["", "a month", "USD"], ja: ["", "1 か月", "USD"] },
  sum: { en: "Sum", ja: "合計" },
  over: { en: "over", ja: "超過" },
} as const
