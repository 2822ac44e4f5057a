import { createAsync } from "@solidjs/router"
import { createSignal, Show } from "solid-js"
import { useI18n } from "../../context/i18n.tsx"
import { leave } from "../../lib/sign-in/leave.ts"
import { getPerson } from "../../lib/sign-in/person.ts"
import { messageOf } from "../../lib/problem.ts"
import { Menu } from "../menu.tsx"

/** Who is signed in, and the way out. Nothing for the owner, who did not have to sign in. */
export function PersonMenu() {
  const i18n = useI18n()
  const person = createAsync(() => getPerson(), { deferStream: true })
  const [problem, setProblem] = createSignal<string>()
  return (
    <Show when={person()}>
      {(person) => (
        <Menu
          label={i18n.t("signIn.as", { name: person().name })}
          icon="person"
          note={
            <p class="person">
              <strong>{person().name}</strong>
              <Show when={person().email !== person().name}>
                <span>{person().email}</span>
              </Show>
              <span>{i18n.t(`signIn.role.${person().role}`)}</span>
              <Show when={problem()}>
                <span class="problem" role="alert">
                  {problem()}
                </span>
              </Show>
            </p>
          }
          items={[
            {
              label: i18n.t("signIn.leave"),
              icon: "leave",
              run: () => void leave().catch((error: unknown) => setProblem(messageOf(error, i18n))),
            },
          ]}
        />
      )}
    </Show>
  )
}
