#!/usr/bin/env python3
"""What bash, zsh and fish complete, asked in the shells themselves."""
import os
import shutil
import sys

from harness import BUILD, Missing, main, run

MADE = BUILD / "packaging/manual"

# What is typed, and every completion of its last word.
CASES = {
    "hotfolder ru": {"run"},
    "hotfolder --runtime-dir /tmp che": {"check"},
    "hotfolder check --conf": {"--config"},
    "hotfolder run --dr": {"--dry-run"},
    "hotfolder status --runt": {"--runtime-dir"},
    "hotfolder status --runtime-dir pi": {"pictures"},
    "hotfolder run w": {"web"},
    "hotfolder run --jobs 2 -n th": {"thumbnail"},
    "hotfolder run web pi": {"pictures", "pile.jpg"},
    "hotfolder run -o pi": {"pictures"},
    "hotfolder run --config pi": {"pictures", "pile.jpg"},
    "hotfolder run --config=pi": {"pictures", "pile.jpg"},
    "hotfolder sheet --profile thu": {"thumbnail"},
    "hotfolder sheet pi": {"pictures", "pile.jpg"},
    "hotfolder try w": {"web"},
    "hotfolder actions sc": {"scale"},
    "hotfolder values pi": {"pictures", "pile.jpg"},
    "hotfolder import st": {"status"},
    "hotfolder import pi": {"pictures"},
    "hotfolder import --to pi": {"pictures"},
    "hotfolder import status --js": {"--json"},
    "hotfolder import verify pi": {"pictures"},
    "hotfolder import assignment --e": {"--end"},
    "hotfolderd --state-dir pi": {"pictures"},
    "hotfolderd --vers": {"--version"},
}

BASH = """
source "$1/hotfolder.bash"
read -ra COMP_WORDS <<<"${2//=/ = }"
[[ $2 != *" " ]] || COMP_WORDS+=('')
COMP_CWORD=$((${#COMP_WORDS[@]} - 1))
_hotfolder
printf '%s\\n' "${COMPREPLY[@]}"
"""

FISH = "source $argv[1]/hotfolder.fish; complete -C $argv[2]"

# In a terminal of its own; completions are caught where they are added.
ZSH = r"""
zmodload zsh/zpty
zpty shell zsh -f -i
start='
PROMPT= fpath=('$1' $fpath)
autoload -Uz compinit && compinit -u -D
bindkey "^I" complete-word
mark() { print -r -- "<mark>" }
compadd() {
    local -a hits
    [[ ${@[1,(i)(-|--)]} == *-(O|A|D)\ * ]] || {
        builtin compadd -A hits "$@"
        (( $#hits )) && print -rl -- "<hit>"${^hits}
    }
    builtin compadd "$@"
}
complete-and-forget() {
    compprefuncs=(mark) comppostfuncs=(mark)
    zle complete-word
    BUFFER=
}
zle -N complete-and-forget
bindkey "^I" complete-and-forget
print "<rea""dy>"
'
zpty -w shell $start
zpty -r shell answer '*<ready>*'
shift
for line; do
    zpty -n -w shell "$line"$'\t'
    zpty -r shell answer '*<mark>*<mark>*'
    print -r -- "<line>$answer"
done
"""


def words(lines):
    """Without what a shell adds to show what a word is, or repeats."""
    found = {line.split("\t")[0].strip().rstrip("/").rpartition("=")[2] for line in lines}
    return found - {""}


def bash(lines, **where):
    return [words(run("bash", "--norc", "-c", BASH, "bash", MADE, line, **where).stdout.splitlines())
            for line in lines]


def fish(lines, **where):
    return [words(run("fish", "--no-config", "-c", FISH, MADE, line, **where).stdout.splitlines())
            for line in lines]


def zsh(lines, **where):
    answers = run("zsh", "-f", "-c", ZSH, "zsh", MADE, *lines, **where).stdout.split("<line>")[1:]
    return [words(line.partition("<hit>")[2] for line in answer.splitlines() if "<hit>" in line)
            for answer in answers]


def check(shell, house):
    if not shutil.which(shell.__name__):
        raise Missing(f"there is no {shell.__name__}")
    (house.work / "pictures").mkdir()
    (house.work / "pile.jpg").touch()
    path = f"{BUILD / 'bin'}:{os.environ['PATH']}"
    commands, *found = shell(["hotfolder ", *CASES], cwd=house.work,
                             env={**house.environment(), "PATH": path, "TERM": "dumb"})
    assert found == list(CASES.values()), dict(zip(CASES, found))
    helped = run(BUILD / "bin/hotfolder", "--help").stdout
    assert {"run", "check", "actions", "status"} <= commands, commands
    assert all(f"\n  {command}" in helped for command in commands), commands


def bash_completes_what_can_be_typed(house):
    check(bash, house)


def fish_completes_what_can_be_typed(house):
    check(fish, house)


def zsh_completes_what_can_be_typed(house):
    check(zsh, house)


if __name__ == "__main__":
    sys.exit(main(globals()))
