/* lanewise-hook CLIENT EVENT: asks lanewise about one tool call (JSON on stdin) and exits as the client expects.
 * The daemon answers (0.4 s at most), else the Python direct turn (1.0 s at most); else what could lose work is refused
 * and the rest passes. Clients take every status but 2 for "go on", so each way out is chosen, crashes too: see fail().
 * Time: a timer ticks every 20 ms and interrupts whatever call blocks; again() then looks at the deadline, so a tick
 * between a check and its call costs 20 ms, never a hang. Frames: native/README.md. No stdio, to stay small. */
#ifndef _GNU_SOURCE
#define _GNU_SOURCE /* memfd_create, memmem, struct ucred */
#endif
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>
#define GONE "lanewise: it is no longer installed here, so nothing checks what this session edits. Bring it back: " \
    "`pip install lanewise`, or remove the hooks from .claude/settings.local.json."
enum { DAEMON_MS = 400, DIRECT_MS = 1000, TOTAL_MS = 1430, TICK_US = 20000 };
enum { CONF_CAP = 8192, PAYLOAD_CAP = 16 << 20, REPLY_CAP = 4 << 20, UNDECIDED = 255 };
enum { BROKEN, ENDED, FILLED };       /* how fill() came out */
enum { SOCKET, PYTHON, HOOK, STATE }; /* the settings in hook.conf */
struct bytes { char *at; size_t len, room; };
static volatile sig_atomic_t refusal = 2; /* the exit status of a failure: 2 denies, 0 lets pass */
static volatile sig_atomic_t child = 0;   /* the direct turn while it runs */
static long long start, deadline, slow = 1; /* of the program; of what it waits for; a worktree takes longer */
static const char *conf[4];               /* the settings */
static char digits[24], *parent = digits + sizeof digits - 1; /* the client's process id */

static long long now_ms(void) {
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return t.tv_sec * 1000LL + t.tv_nsec / 1000000;
}

/* After a call that failed: whether to try it once more. Inherited descriptors may be non-blocking, hence EAGAIN. */
static int again(void) {
    if (errno == EAGAIN) nanosleep(&(struct timespec){0, 2000000}, NULL);
    else if (errno != EINTR) return 0;
    return now_ms() < deadline && now_ms() < start + TOTAL_MS * slow;
}

static int put(int fd, const char *at, size_t len) {
    for (ssize_t n; len > 0; at += n, len -= (size_t)n)
        while ((n = write(fd, at, len)) < 0) if (!again()) return 0;
    return 1;
}
static int say(int fd, const char *text) { return put(fd, text, strlen(text)); }

static _Noreturn void fail(const char *reason) {
    if (child > 0) kill(child, SIGKILL);
    deadline = now_ms() + 20;
    if (refusal && say(2, "lanewise could not check this edit (") && say(2, reason))
        say(2, "); it is refused so that no work is lost. Ask the human to run: lanewise status\n");
    if (child > 0) waitpid(child, NULL, 0); /* should it not die, a tick ends this */
    _exit(refusal);
}
static void on_signal(int number) { if (number != SIGALRM) fail("the hook client was stopped by a signal"); }

static char *grow(struct bytes *b, size_t more) {
    while (b->room - b->len < more)
        if (!(b->at = realloc(b->at, b->room = b->room ? 2 * b->room : 4096))) fail("no memory");
    return b->at + b->len;
}
static void add(struct bytes *b, const char *text) { b->len += strlen(strcpy(grow(b, strlen(text) + 1), text)); }

/* Reads until the buffer holds `want` bytes (FILLED), the input ends (ENDED), or error or deadline (BROKEN). */
static int fill(int fd, struct bytes *b, size_t want) {
    for (ssize_t n; b->len < want; b->len += (size_t)n) {
        char *to = grow(b, 1);
        while ((n = read(fd, to, b->room - b->len)) < 0) if (!again()) return BROKEN;
        if (n == 0) return ENDED;
    }
    return FILLED;
}

/* Length of the UTF-8 character at s; 0 for a wrong byte, an overlong form, a surrogate, or a cut-off character. */
static size_t utf8(const unsigned char *s, size_t left) {
    size_t n = s[0] < 0x80 ? 1 : s[0] < 0xC2 ? 0 : s[0] < 0xE0 ? 2 : s[0] < 0xF0 ? 3 : s[0] < 0xF5 ? 4 : 0;
    int low = s[0] == 0xE0 ? 0xA0 : s[0] == 0xF0 ? 0x90 : 0x80, high = s[0] == 0xED ? 0x9F : s[0] == 0xF4 ? 0x8F : 0xBF;
    if (n > left || (n > 1 && (s[1] < low || s[1] > high))) return 0;
    for (size_t i = 2; i < n; i++) if ((s[i] & 0xC0) != 0x80) return 0;
    return n;
}

/* Adds the key as it stands and the text as a JSON string; what is no UTF-8 becomes U+FFFD byte by byte. */
static void add_string(struct bytes *b, const char *key, const char *text, size_t len) {
    const unsigned char *s = (const unsigned char *)text, *stop = s + len;
    add(b, key);
    char *to = grow(b, 6 * len + 2); /* the longest a byte becomes is \u00xx */
    for (*to++ = '"'; s < stop;) {
        size_t n = utf8(s, (size_t)(stop - s));
        if (n == 0) memcpy(to, "\\ufffd", 6), to += 6, s++;
        else if (*s == '"' || *s == '\\') *to++ = '\\', *to++ = (char)*s++;
        else if (*s < 32) memcpy(to, *s < 16 ? "\\u000" : "\\u001", 5), to[5] = "0123456789abcdef"[*s++ & 15], to += 6;
        else for (; n; n--) *to++ = (char)*s++;
    }
    *to++ = '"';
    b->len = (size_t)(to - b->at);
}

/* 4 bytes for the length, then one JSON object; the direct turn gets the very same object. */
static void write_request(struct bytes *b, char **argv, const struct bytes *payload) {
    static const char *const names[] = {"CLAUDE_PROJECT_DIR", "CLAUDE_CODE_SESSION_ID", "CLAUDE_PID", "LANEWISE_LANE"};
    char cwd[4096], *value;
    if (!getcwd(cwd, sizeof cwd)) *cwd = 0;
    add_string(b, "....{\"v\":1,\"client\":", argv[1], strlen(argv[1]));
    add_string(b, ",\"event\":", argv[2], strlen(argv[2]));
    add(b, ",\"ppid\":"), add(b, parent);
    add_string(b, ",\"cwd\":", cwd, strlen(cwd));
    add(b, ",\"env\":{");
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        if (!(value = getenv(names[i]))) continue;
        add(b, b->at[b->len - 1] == '{' ? "\"" : ",\""), add(b, names[i]), add_string(b, "\":", value, strlen(value));
    }
    add_string(b, "},\"stdin\":", payload->at, payload->len), add(b, "}");
    for (int i = 0; i < 4; i++) b->at[i] = (char)((b->len - 4) >> (24 - 8 * i));
}

static int is_own(int fd) {
#ifdef SO_PEERCRED
    struct ucred peer;
    return !getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &peer, &(socklen_t){sizeof peer}) && peer.uid == geteuid();
#else
    uid_t uid; gid_t gid;
    return !getpeereid(fd, &uid, &gid) && uid == geteuid(); /* by LOCAL_PEERCRED */
#endif
}
static size_t u32(const unsigned char *s) { return (size_t)s[0] << 24 | (size_t)s[1] << 16 | (size_t)s[2] << 8 | s[3]; }

static _Noreturn void leave(int status, const char *out, size_t out_len, const char *err, size_t err_len) {
    deadline = now_ms() + DIRECT_MS * slow;
    if (!put(1, out, out_len)) fail("the answer could not be written");
    put(2, err, err_len);
    _exit(status);
}

/* Leaves with the daemon's answer, or returns when there is none. Before an edit only 0 and 2 are answers. */
static void ask_daemon(const struct bytes *b) {
    struct sockaddr_un to = {.sun_family = AF_UNIX};
    struct bytes reply = {0};
    int fd = socket(AF_UNIX, SOCK_STREAM, 0), refused;
    if (fd < 0 || strlen(conf[SOCKET]) >= sizeof to.sun_path) return;
    strcpy(to.sun_path, conf[SOCKET]);
    fcntl(fd, F_SETFD, FD_CLOEXEC);
    deadline = now_ms() + DAEMON_MS * slow;
    while ((refused = connect(fd, (struct sockaddr *)&to, sizeof to)) && again()) continue;
    if (refused || !is_own(fd) || !put(fd, b->at, b->len) || fill(fd, &reply, 4) != FILLED) return;
    size_t len = u32((void *)reply.at);
    if (len < 5 || len > REPLY_CAP || fill(fd, &reply, len + 4) != FILLED) return;
    int status = (unsigned char)reply.at[4];
    size_t out = u32((void *)(reply.at + 5));
    if (out > len - 5 || status == UNDECIDED || (refusal && status != 0 && status != 2)) return;
    leave(status, reply.at + 9, out, reply.at + 9 + out, len - 5 - out);
}

/* A file without a name: unlike a pipe it can neither fill up nor be held open by what the direct turn starts. */
static int scratch(void) {
    int fd = -1; char name[] = "/tmp/lanewise-XXXXXX";
#ifdef MFD_CLOEXEC
    fd = memfd_create("lanewise", MFD_CLOEXEC);
#endif
    if (fd < 0 && (fd = mkstemp(name)) >= 0) unlink(name), fcntl(fd, F_SETFD, FD_CLOEXEC);
    if (fd <= 2) fail("no temporary file"); /* 0 to 2: the client closed one of ours */
    return fd;
}

static _Noreturn void run_direct(const struct bytes *b) {
    int in = scratch(), files[2] = {scratch(), scratch()}, status = -1;
    struct bytes out = {0}, err = {0};
    deadline = now_ms() + DIRECT_MS * slow;
    if (!put(in, b->at + 4, b->len - 4) || lseek(in, 0, SEEK_SET)) fail("the call could not be handed over");
    if ((child = fork()) == 0) {
        if (dup2(in, 0) == 0 && dup2(files[0], 1) == 1 && dup2(files[1], 2) == 2)
            execl(conf[PYTHON], conf[PYTHON], "-I", "-S", conf[HOOK], "direct", conf[STATE], (char *)NULL);
        _exit(127);
    }
    while (child > 0 && waitpid(child, &status, 0) < 0) if (!again()) fail("no answer within a second");
    child = 0;
    int said = WIFEXITED(status) ? WEXITSTATUS(status) : -1;
    if (said < 0 || (slow == 1 && said != 0 && said != 2)) fail("the direct turn failed");
    lseek(files[0], 0, SEEK_SET), lseek(files[1], 0, SEEK_SET);
    if (fill(files[0], &out, REPLY_CAP) != ENDED || fill(files[1], &err, REPLY_CAP) != ENDED) fail("a long answer");
    leave(said, out.at, out.len, err.at, err.len);
}
static int is_missing(const char *path) { return access(path, F_OK) && (errno == ENOENT || errno == ENOTDIR); }

/* Lanewise was uninstalled: everything passes, and the human is told once per client process. */
static _Noreturn void pass_since_gone(const char *state, const char *client) {
    const char *text = strcmp(client, "claude-code") ? GONE "\n" : "{\"systemMessage\":\"" GONE "\"}\n";
    struct bytes mark = {0};
    add(&mark, state), add(&mark, "/gone-"), add(&mark, parent);
    if (open(mark.at, O_CREAT | O_EXCL | O_WRONLY | O_CLOEXEC, 0600) >= 0) say(*text == '{' ? 1 : 2, text);
    _exit(0);
}

/* Reads the settings beside the program. Says why they cannot be used, or NULL; leaves when lanewise is gone. */
static const char *read_conf(char **argv) {
    static const char *const keys[] = {"\nsocket=/", "\npython=/", "\nhook=/", "\nstate=/"};
    struct bytes path = {0}, text = {0};
    if (!strrchr(argv[0], '/')) return "it was started without its path";
    strrchr(argv[0], '/')[1] = 0;
    add(&path, argv[0]), add(&path, "hook.conf"), add(&text, "\n");
    if (is_missing(path.at)) pass_since_gone(argv[0], argv[1]);
    if (fill(open(path.at, O_RDONLY | O_CLOEXEC), &text, CONF_CAP) != ENDED) return "hook.conf cannot be read";
    add(&text, "\n");
    for (int i = 0; i < 4; conf[i] += strlen(keys[i]) - 1, i++)
        if (!(conf[i] = strstr(text.at, keys[i]))) return "hook.conf lacks a setting";
    for (char *end = text.at; (end = strchr(end, '\n'));) *end++ = 0;
    if (is_missing(conf[HOOK]) || is_missing(conf[PYTHON])) pass_since_gone(conf[STATE], argv[1]);
    return NULL;
}

/* Whether the payload names a tool that only reads; what stands inside the tool's input cannot pretend to. */
static int only_reads(const char *payload) {
    static const char names[] = "\"Read\"Glob\"Grep\"LS\"NotebookRead\"TodoWrite\"WebFetch\"WebSearch\"ToolSearch\"";
    const char *name = strstr(payload, "\"tool_name\""), *input = strstr(payload, "\"tool_input\"");
    if (!name || (input && input < name)) return 0;
    name += 11 + strspn(name + 11, " \t\r\n:");
    size_t len = *name == '"' ? strcspn(name + 1, "\"") + 2 : 0;
    return len > 2 && memmem(names, sizeof names - 1, name, len);
}

int main(int argc, char **argv) {
    struct bytes payload = {0}, call = {0};
    static const int caught[] = {SIGALRM, SIGTERM, SIGHUP, SIGSEGV, SIGBUS, SIGABRT, SIGILL, SIGFPE};
    struct sigaction action = {.sa_handler = on_signal};
    for (size_t i = 0; i < sizeof caught / sizeof *caught; i++) sigaction(caught[i], &action, NULL);
    sigprocmask(SIG_SETMASK, &action.sa_mask, NULL); /* the parent may have blocked them */
    signal(SIGPIPE, SIG_IGN), signal(SIGCHLD, SIG_DFL); /* inherited as ignored, no child could be waited for */
    setitimer(ITIMER_REAL, &(struct itimerval){{0, TICK_US}, {0, TICK_US}}, NULL);
    deadline = (start = now_ms()) + TOTAL_MS;
    for (long n = getppid(); n > 0 || !*parent; n /= 10) *--parent = (char)('0' + n % 10);
    if (argc != 3) fail("it was started without client and event");
    if (strcmp(argv[2], "PreToolUse")) refusal = 0;
    if (!strcmp(argv[2], "WorktreeCreate")) slow = 40;
    const char *wrong = read_conf(argv);
    int came = fill(0, &payload, PAYLOAD_CAP + 1);
    add(&payload, "");
    if (only_reads(payload.at)) refusal = 0;
    if (came != ENDED) wrong = came == FILLED ? "it is longer than 16 MiB" : "it could not be read to its end";
    if (wrong) fail(wrong);
    write_request(&call, argv, &payload);
    ask_daemon(&call);
    run_direct(&call);
}
