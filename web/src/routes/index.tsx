import { createAsync, query } from "@solidjs/router"

const hello = query(async () => {
  "use server"
  return { at: process.version }
}, "hello")

export default function Home() {
  const data = createAsync(() => hello())
  return <h1>Hello {data()?.at}</h1>
}
