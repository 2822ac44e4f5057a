import { File } from "@remote-swe/core/file"
import { Identifier } from "@remote-swe/core/identifier"
import { Hono } from "hono"
import * as v from "valibot"
import { type Env, operation, validator } from "../common.ts"

const tag = "Files"

export const FileRoute = new Hono<Env>()
  .post(
    "/",
    operation({
      id: "file.create",
      tag,
      summary: "Prepare an upload: PUT the bytes to `upload.url`, then name `file` in a message",
      code: 201,
      answer: File.Upload,
      problems: ["conflict", "large"],
    }),
    validator("json", File.Create),
    async (c) => {
      const id = Identifier.create("file", c.var.ending)
      return c.json(await File.create({ ...c.req.valid("json"), id }), 201)
    },
  )
  .get(
    "/:id",
    operation({
      id: "file.get",
      tag,
      summary: "Where to read a file, for an hour",
      answer: File.Download,
      problems: ["missing"],
    }),
    validator("param", v.strictObject({ id: Identifier.schema("file") })),
    async (c) => c.json(await File.fromID(c.req.valid("param"))),
  )
