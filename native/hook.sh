#!/bin/sh
# lanewise-hook CLIENT EVENT without a compiled client: no daemon, always the Python direct turn; same contract as hook.c.
#
# The payload is kept, so that a tool which only reads can pass when the turn itself breaks. The turn has one second; its
# reaper is a sleep beside it, since sh has no deadlines. LANEWISE_HOOK_PPID tells Python who the client is: its own parent
# is this shell.
client=$1
event=$2

refuse() {
    [ "$event" = PreToolUse ] || exit 0
    case ${payload%%'"tool_input"'*} in
    *'"tool_name"'*) name=${payload#*'"tool_name"'} ;;
    *) name= ;;
    esac
    name=$(printf '%.80s' "$name" | tr -d ' \t\r\n')
    for reader in Read Glob Grep LS NotebookRead TodoWrite WebFetch WebSearch ToolSearch; do
        case $name in :\"$reader\"*) exit 0 ;; esac
    done
    echo "lanewise could not check this edit ($1); it is refused so that no work is lost." \
        "Ask the human to run: lanewise status" >&2
    exit 2
}

gone() {
    text='lanewise: it is no longer installed here, so nothing checks what this session edits. Bring it back:'
    text="$text \`pip install lanewise\`, or remove the hooks from .claude/settings.local.json."
    (set -C && : >"$1/gone-$PPID") 2>/dev/null || exit 0
    case $client in
    claude-code) printf '{"systemMessage":"%s"}\n' "$text" ;;
    *) printf '%s\n' "$text" >&2 ;;
    esac
    exit 0
}

payload=
problem=
python=
hook=
state=
case $0 in
*/*) here=${0%/*} ;;
*) here= problem='it was started without its path' ;;
esac
if [ -z "$problem" ]; then
    [ -e "$here/hook.conf" ] || gone "$here"
    while IFS= read -r line || [ -n "$line" ]; do
        case $line in
        python=/*) python=${line#python=} ;;
        hook=/*) hook=${line#hook=} ;;
        state=/*) state=${line#state=} ;;
        esac
    done 2>/dev/null <"$here/hook.conf"
    if [ -n "$python" ] && [ -n "$hook" ] && [ -n "$state" ]; then
        if [ ! -e "$hook" ] || [ ! -e "$python" ]; then gone "$state"; fi
    else
        problem='hook.conf lacks a setting'
    fi
fi

payload=$(cat 2>/dev/null)
[ $# -eq 2 ] || event=PreToolUse problem='it was started without client and event'
[ -z "$problem" ] || refuse "$problem"

export LANEWISE_HOOK_PPID="$PPID"
printf '%s' "$payload" 2>/dev/null | "$python" -I -S "$hook" stdin "$client" "$event" "$state" &
turn=$!
(sleep 1 && kill -9 "$turn") </dev/null >/dev/null 2>&1 &
reaper=$!
wait "$turn" 2>/dev/null
status=$?
kill "$reaper" 2>/dev/null
case $status in
0 | 2) exit "$status" ;;
137) refuse 'no answer within a second' ;;
*) refuse 'the direct turn failed' ;;
esac
