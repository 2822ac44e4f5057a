import { toJsonSchema } from "@valibot/to-json-schema"
import { existsSync } from "node:fs"
import { join } from "node:path"
import { pathToFileURL } from "node:url"
import { describe, expect, it } from "vitest"
import { AskUserTool } from "../../src/tool/ask-user.ts"
import { BashTool } from "../../src/tool/bash.ts"
import { CloneRepositoryTool } from "../../src/tool/clone-repository.ts"
import { tools } from "../../src/tool/index.ts"
import { JobOutputTool } from "../../src/tool/job-output.ts"
import { JobStopTool } from "../../src/tool/job-stop.ts"
import { MessageUserTool } from "../../src/tool/message-user.ts"
import { PullRequestTool } from "../../src/tool/pull-request.ts"
import { TitleTool } from "../../src/tool/title.ts"
import { TodoTool } from "../../src/tool/todo.ts"
import { git, origin, sh, world } from "../sandbox/world.ts"
import { call, text } from "./call.ts"

describe("what the model is told", () => {
  it("has a schema of an object and a text without gaps for every tool", () => {
    for (const { name, description, input } of tools) {
      expect(name).toMatch(/^[a-z_]+$/)
      expect(description).not.toMatch(/\{\{|undefined|NaN/)
      expect(toJsonSchema(input, { typeMode: "input", errorMode: "ignore" })).toMatchObject({ type: "object" })
    }
    expect(new Set(tools.map((tool) => tool.name)).size).toBe(tools.length)
  })

  it("names the limits that the code has", () => {
    expect(BashTool.description).toContain("after 1,200 seconds, or after 300 seconds")
    expect(BashTool.description).toContain("the first 9,000 and the last 18,000 characters")
  })
})

describe("bash", () => {
  it("returns output and exit code", async () => {
    const session = await world()
    expect(await call(session, BashTool, { command: "echo hi" })).toEqual({
      content: [{ type: "text", text: "hi" }],
      error: false,
    })
    const failed = await call(session, BashTool, { command: "echo no >&2; exit 2" })
    expect(failed).toEqual({ content: [{ type: "text", text: "no\n\n[exit code 2]" }], error: true })
    expect(await text(session, BashTool, { command: "true" })).toBe("(no output)")
    expect(await text(session, BashTool, { command: "mkdir -p a/b; cd a" })).toBe("(no output)")
    expect(await text(session, BashTool, { command: "pwd", cwd: "a/b" })).toBe(join(session.sandbox.root, "a/b"))
    await expect(text(session, BashTool, { command: "pwd", cwd: "nope" })).rejects.toThrow(
      "There is no such folder: nope",
    )
  })

  it("ends what takes too long or says nothing, and explains", async () => {
    const session = await world()
    expect(await text(session, BashTool, { command: "echo a; sleep 60", timeout_seconds: 1 })).toMatch(
      /^a\n\n\[Ended after 1 seconds/,
    )
    expect(await text(session, BashTool, { command: "echo b; sleep 60", silence_seconds: 1 })).toMatch(
      /^b\n\n\[Ended because it printed nothing for 1 seconds/,
    )
  })

  it("stops when the turn is stopped", async () => {
    const session = await world()
    const abort = new AbortController()
    const running = call(session, BashTool, { command: "touch begun; sleep 60; touch ended" }, abort.signal)
    while (!existsSync(join(session.sandbox.root, "begun"))) await new Promise((resolve) => setTimeout(resolve, 10))
    abort.abort()
    expect((await running).error).toBe(true)
    expect(existsSync(join(session.sandbox.root, "ended"))).toBe(false)
  })

  it("runs jobs in the background that can be read and stopped", async () => {
    const session = await world()
    expect(await text(session, JobOutputTool, {})).toBe("No background jobs.")
    expect(await text(session, BashTool, { command: "echo up; sleep 600", background: true })).toMatch(
      /^Started job_1\. .*job_1\.log/,
    )
    expect(await text(session, JobOutputTool, { job: "job_1", wait_seconds: 30 })).toMatch(
      /^\[job_1: running; .*\]\nup\n$/,
    )
    expect(await text(session, JobOutputTool, { job: "job_1" })).toMatch(/\(nothing new\)$/)
    expect(await text(session, JobOutputTool, {})).toBe("job_1 (running): echo up; sleep 600")
    expect(await text(session, JobStopTool, { job: "job_1" })).toBe("job_1 is stopped.")
    await text(session, BashTool, { command: "exit 4", background: true })
    expect(await text(session, JobOutputTool, { job: "job_2", wait_seconds: 30 })).toMatch(/exited with 4/)
    await expect(text(session, JobStopTool, { job: "job_3" })).rejects.toThrow("There is no background job job_3")
  })
})

describe("telling people", () => {
  it("names the session, keeps the list and hands over files", async () => {
    const session = await world()
    await session.sandbox.writeFile("out/shot.png", Buffer.from("png"))
    await call(session, TitleTool, { title: " Fix it " })
    await call(session, TodoTool, {
      items: [
        { text: "One", status: "done" },
        { text: "Two", status: "active" },
      ],
    })
    expect(await text(session, MessageUserTool, { text: "Look", files: ["out/shot.png"] })).toBe("Sent, with 1 files.")
    expect(session.drafts).toMatchObject([
      { kind: "title", title: "Fix it" },
      { kind: "todo", items: [{ text: "One" }, { text: "Two" }] },
      { kind: "notice", level: "info", code: "agent.message", text: "Look" },
      { kind: "artifact", artifact: { type: "file", file: { name: "shot.png", type: "image/png", size: 3 } } },
    ])
    await expect(text(session, MessageUserTool, { text: "Look", files: ["nope"] })).rejects.toThrow(
      "There is no such file",
    )
    expect(session.drafts).toHaveLength(4)
  })

  it("waits for the answer to a question", async () => {
    const session = await world()
    const output = await call(session, AskUserTool, { question: "Which?", options: ["A", "B"] })
    expect(output.wait).toBe(true)
    expect(session.drafts).toMatchObject([{ kind: "ask", type: "question", text: "Which?", options: ["A", "B"] }])
  })
})

describe("from a repository to a pull request", () => {
  it("clones, refuses what is not committed, and opens one", async () => {
    const bare = origin({ "a.txt": "one\n" })
    const session = await world()
    const { branch } = session.gateway
    expect(await text(session, CloneRepositoryTool, { repository: bare })).toBe(
      `${bare} is in origin, on the session's branch ${branch} (from main).`,
    )
    expect(await text(session, CloneRepositoryTool, { repository: pathToFileURL(bare).href })).toContain(
      "is in origin,",
    )
    const open = (title = "Say two") => text(session, PullRequestTool, { title, body: "Because." })
    await expect(open()).rejects.toThrow(`There is no commit on ${branch} yet`)
    await sh(session.sandbox, "echo two >> a.txt; echo x > 'new file'", "origin")
    await expect(open()).rejects.toThrow(
      "Commit your work in origin first, or discard what does not belong to it:\n M a.txt\n?? new file",
    )
    await sh(session.sandbox, "git add -A; git commit -qm Two; git checkout -q -b mine", "origin")
    await expect(open()).rejects.toThrow(`origin has mine checked out. Only ${branch} can be pushed`)
    await sh(session.sandbox, `git checkout -q ${branch}`, "origin")
    expect(await open()).toBe(`Opened pull request #1 (kept beside ${bare}), from ${branch} into main.`)
    expect(await open("Say it")).toBe(`Updated pull request #1 (kept beside ${bare}), from ${branch} into main.`)
    const commit = git(bare, "rev-parse", branch).trim()
    const changes = [
      { path: "a.txt", status: "modified", additions: 1, deletions: 0 },
      { path: "new file", status: "added", additions: 1, deletions: 0 },
    ]
    expect(session.drafts.slice(0, 2)).toEqual([
      { kind: "artifact", artifact: { type: "branch", repository: bare, branch, commit } },
      {
        kind: "artifact",
        artifact: {
          type: "pull_request",
          repository: bare,
          host: "record",
          number: 1,
          title: "Say two",
          body: "Because.",
          branch,
          base: "main",
          commit,
          changes,
        },
      },
    ])
  })

  it("takes titles and branches for text", async () => {
    const bare = origin({ "a.txt": "one\n" })
    const session = await world()
    await call(session, CloneRepositoryTool, { repository: bare })
    await sh(session.sandbox, "git commit -q --allow-empty -m '$(touch pwned) `id`'", "origin")
    await call(session, PullRequestTool, { title: "$(touch pwned); `id` '\"", body: "--upload-pack=x\n$(id)" })
    expect(await sh(session.sandbox, "find . -name pwned")).toBe("")
  })

  it("needs a name where there are several, and says which", async () => {
    const session = await world()
    const open = (repository?: string) =>
      text(session, PullRequestTool, { title: "T", body: "", ...(repository && { repository }) })
    await expect(open()).rejects.toThrow("Use clone_repository first.")
    await call(session, CloneRepositoryTool, { repository: origin({ a: "" }) })
    await call(session, CloneRepositoryTool, { repository: origin({ b: "" }) })
    await expect(open()).rejects.toThrow("Name one of: origin, origin-2.")
    await expect(open("origin-2")).rejects.toThrow("There is no commit")
  })
})
