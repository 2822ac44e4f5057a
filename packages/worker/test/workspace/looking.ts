/**
 * Everything that a save promises to bring back, as text: of the repository and of each inside it what git
 * says of it, its refs, index, settings and what is in progress; of all files their permissions, targets
 * and contents. What has "ignored" in its name is left aside, what tells one machine's files from another's, and
 * a flag that git has for entries in another file.
 */
export const script = `
export GIT_OPTIONAL_LOCKS=0 LC_ALL=C
stat='^  (ctime|mtime|dev|uid|size): |^  size: [0-9]+'
one() {
  git=$(git rev-parse --absolute-git-dir) || return
  echo "== $1"
  git status --porcelain=v2 --branch --untracked-files=all --ignore-submodules=none | grep -av ignored
  echo "-- refs"; git symbolic-ref -q HEAD || git rev-parse -q --verify HEAD
  git for-each-ref --format='%(objectname) %(objecttype) %(refname) %(symref) %(upstream)' | grep -v "$2"
  git stash list
  echo "-- commits"; git log --format='%H %P %an %ae %s' --all --not $3
  echo "-- index"; git ls-files -s -v -f; git ls-files --debug | sed -E 's/size: [0-9]+//; s/flags: (.?)8(.{6})$/flags: \\10\\2/; s/flags: 0+(.)/flags: \\1/; s/flags: 4000$/flags: 0/' | grep -avE "$stat"; git ls-files --resolve-undo
  echo "-- changed"; { git diff --name-status --no-ext-diff; git diff --cached --raw --abbrev=40; } 2>/dev/null
  echo "-- progress"
  for name in MERGE_HEAD MERGE_MSG MERGE_MODE MERGE_RR SQUASH_MSG CHERRY_PICK_HEAD REVERT_HEAD REBASE_HEAD AUTO_MERGE info/exclude info/sparse-checkout; do
    test -f "$git/$name" && { echo "$name"; cat "$git/$name"; }
  done
  (cd "$git" && find BISECT_* rebase-merge rebase-apply sequencer rr-cache -type f 2>/dev/null | sort | xargs -r -d '\\n' sha256sum)
  echo "-- settings"; { git config --local --list; git config --worktree --list; } | grep -vE '^(remote[.]origin|remote-swe|core[.](worktree|bare|repositoryformatversion)|extensions|submodule[.].*[.]url|core[.]sparse)' | sort -u
  git config core.sparseCheckout; git config core.sparseCheckoutCone
  git config core.worktree
}
one . '^[^ ]* [^ ]* refs/remotes/' --remotes 2>&1
find . -mindepth 2 -name .git -not -path './.git/*' | grep -v ignored | sort | while read -r dot; do (cd "$(dirname "$dot")" && one "$dot" '^$' 2>&1); test -f "$dot" && cat "$dot"; done
echo "== files"
find . -name .git -prune -o -name '*ignored*' -prune -o \\( -type f -o -type l -o -type d \\) -printf '%y %#m %p %l\\n' | sed -E 's/^(d|l) 0[0-7]* /\\1 /' | sort
find . -name .git -prune -o -name '*ignored*' -prune -o -type f -print0 | sort -z | xargs -0 -r sha256sum
`
