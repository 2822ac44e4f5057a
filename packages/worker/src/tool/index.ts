import { AskUserTool } from "./ask-user.ts"
import { BashTool } from "./bash.ts"
import { CloneRepositoryTool } from "./clone-repository.ts"
import { EditTool } from "./edit.ts"
import { GlobTool } from "./glob.ts"
import { GrepTool } from "./grep.ts"
import { JobOutputTool } from "./job-output.ts"
import { JobStopTool } from "./job-stop.ts"
import { MessageUserTool } from "./message-user.ts"
import { PullRequestTool } from "./pull-request.ts"
import { ReadTool } from "./read.ts"
import { TitleTool } from "./title.ts"
import { TodoTool } from "./todo.ts"
import type { Tool } from "./tool.ts"
import { WriteTool } from "./write.ts"

/** What an agent can do, in the order in which it is told. */
export const tools: readonly Tool.Info[] = [
  BashTool,
  JobOutputTool,
  JobStopTool,
  ReadTool,
  WriteTool,
  EditTool,
  GlobTool,
  GrepTool,
  TodoTool,
  TitleTool,
  MessageUserTool,
  AskUserTool,
  CloneRepositoryTool,
  PullRequestTool,
]
