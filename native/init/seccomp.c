/* Role `seccomp`: compile rules to BPF, once per profile; the server keeps the bytes. */
#include "build_id.h"
#include "roles.h"

#include "core/failure.h"
#include "core/process.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <seccomp.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#define ARGUMENTS_MAX 6
/* Above every call that a kernel will have soon, below ARM's own (0x0f0000) and x32's (0x40000000). */
#define NUMBERS_END 1024

/* One rule as it is read: the action, the comparisons, then every syscall that they hold for. */
struct rule {
	uint32_t action;
	struct scmp_arg_cmp arguments[ARGUMENTS_MAX];
	unsigned int argument_count;
};

struct comparison {
	const char *name;
	enum scmp_compare value;
};

static const struct comparison comparisons[] = {
	{ "eq", SCMP_CMP_EQ }, { "ne", SCMP_CMP_NE }, { "lt", SCMP_CMP_LT },		   { "le", SCMP_CMP_LE },
	{ "gt", SCMP_CMP_GT }, { "ge", SCMP_CMP_GE }, { "masked-eq", SCMP_CMP_MASKED_EQ },
};

static int parse_action(const char *text, uint32_t *action)
{
	int number;

	if (strcmp(text, "allow") == 0)
		*action = SCMP_ACT_ALLOW;
	else if (strcmp(text, "kill") == 0)
		*action = SCMP_ACT_KILL_PROCESS;
	else if (strcmp(text, "log") == 0)
		*action = SCMP_ACT_LOG;
	else if (strcmp(text, "trap") == 0)
		*action = SCMP_ACT_TRAP;
	else if (sscanf(text, "errno:%d", &number) == 1 && number >= 0 && number < 4096)
		*action = SCMP_ACT_ERRNO((uint32_t)number);
	else
		return -1;
	return 0;
}

/* `index op value valueTwo`. */
static int parse_argument(const char *text, struct rule *rule)
{
	struct scmp_arg_cmp *argument = &rule->arguments[rule->argument_count];
	char op[16];
	unsigned long long first, second;
	unsigned int index;

	if (rule->argument_count == ARGUMENTS_MAX || sscanf(text, "%u %15s %llu %llu", &index, op, &first, &second) != 4 || index > 5)
		return -1;
	for (size_t i = 0; i < sizeof comparisons / sizeof *comparisons; i++) {
		if (strcmp(comparisons[i].name, op) != 0)
			continue;
		*argument = (struct scmp_arg_cmp){ .arg = index, .op = comparisons[i].value, .datum_a = first, .datum_b = second };
		rule->argument_count++;
		return 0;
	}
	return -1;
}

static int add_syscall(scmp_filter_ctx context, const char *name, const struct rule *rule, uint32_t fallback)
{
	int number = seccomp_syscall_resolve_name(name);
	int result;

	/* Unknown to this libseccomp, or to the machine: there is nothing to allow. The same action as the default is refused. */
	if (number == __NR_SCMP_ERROR || rule->action == fallback)
		return 0;
	result = seccomp_rule_add_array(context, rule->action, number, rule->argument_count, rule->arguments);
	return result == -EDOM || result == -EEXIST ? 0 : result;
}

/* 32-bit programs and x32 use other numbers for the same calls; a profile is about names. */
static int add_architectures(scmp_filter_ctx context)
{
	static const uint32_t x86[] = { SCMP_ARCH_X86_64, SCMP_ARCH_X86, SCMP_ARCH_X32 };
	static const uint32_t arm[] = { SCMP_ARCH_AARCH64, SCMP_ARCH_ARM };
	int is_x86 = seccomp_arch_native() == SCMP_ARCH_X86_64;
	const uint32_t *list = is_x86 ? x86 : arm;
	size_t count = is_x86 ? 3 : seccomp_arch_native() == SCMP_ARCH_AARCH64 ? 2 : 0;

	for (size_t i = 0; i < count; i++) {
		int result = seccomp_arch_add(context, list[i]);
		if (result < 0 && result != -EEXIST)
			return result;
	}
	return 0;
}

static int add_rules(scmp_filter_ctx context, const struct wire_message *message, uint32_t fallback, struct failure *failure)
{
	struct wire_field field;
	struct rule rule = { 0 };
	size_t at = 0;

	while (wire_next(message, &at, &field) == 1) {
		CLEANUP_FREE char *text = strndup(field.value, field.value_size);
		int result = 0;
		if (wire_field_is(&field, "rule")) {
			memset(&rule, 0, sizeof rule);
			result = parse_action(text, &rule.action);
		} else if (wire_field_is(&field, "argument")) {
			result = parse_argument(text, &rule);
		} else if (wire_field_is(&field, "syscall")) {
			result = add_syscall(context, text, &rule, fallback);
		}
		if (result < 0)
			return fail(failure, "seccomp", text, result == -1 ? EINVAL : -result);
	}
	return 0;
}

/* The highest number that this libseccomp has a name for. New calls have one number on every architecture, since 403. */
static uint32_t highest_known_syscall(void)
{
	for (int number = NUMBERS_END - 1; number > 0; number--) {
		CLEANUP_FREE char *name = seccomp_syscall_resolve_num_arch(SCMP_ARCH_NATIVE, number);
		if (name)
			return (uint32_t)number;
	}
	return 0;
}

/*
 * A call that is newer than libseccomp cannot be named in a rule. Answered with EPERM it breaks C libraries, which try
 * an older call only after ENOSYS (fchmodat2 in glibc 2.39 and musl 1.2.5); runc answers ENOSYS too. Jumps in BPF are
 * relative: what goes before a filter does not change it.
 */
static int refuse_unknown_calls(int memory)
{
	const struct sock_filter head[] = {
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
		BPF_JUMP(BPF_JMP | BPF_JGT | BPF_K, highest_known_syscall(), 0, 2),
		BPF_JUMP(BPF_JMP | BPF_JGE | BPF_K, NUMBERS_END, 1, 0),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | ENOSYS),
	};

	return write(memory, head, sizeof head) == sizeof head ? 0 : -errno;
}

/* libseccomp writes to a descriptor, at its offset; one in memory. */
static int export_filter(scmp_filter_ctx context, uint32_t fallback, int fd, struct failure *failure)
{
	CLEANUP_FD int memory = memfd_create("filter", MFD_CLOEXEC);
	CLEANUP_FREE char *bytes = NULL;
	struct wire_fields answer = { 0 };
	char compiler[BUILD_ID_TEXT_SIZE];
	int result = memory < 0 ? -errno : 0;
	off_t size;

	if (result == 0 && fallback != SCMP_ACT_ALLOW && fallback != SCMP_ACT_LOG)
		result = refuse_unknown_calls(memory);
	if (result == 0)
		result = seccomp_export_bpf(context, memory);
	if (result < 0)
		return fail(failure, "seccomp", "export", -result);
	size = lseek(memory, 0, SEEK_END);
	bytes = malloc((size_t)size);
	if (!bytes || pread(memory, bytes, (size_t)size, 0) != size)
		return fail(failure, "seccomp", "export", EIO);
	build_id_text(compiler);
	wire_add_bytes(&answer, "filter", bytes, (size_t)size);
	wire_add(&answer, "compiler", compiler);
	wire_write_fields(fd, WIRE_RESULT, &answer);
	wire_fields_free(&answer);
	return 0;
}

static int compile(int fd, const struct wire_message *first, struct failure *failure)
{
	CLEANUP_FREE char *text = wire_get(first, "default");
	uint32_t fallback;
	scmp_filter_ctx context;
	int result;

	if (!text || parse_action(text, &fallback) < 0)
		return fail(failure, "seccomp", "default", EINVAL);
	context = seccomp_init(fallback);
	if (!context)
		return fail(failure, "seccomp", "init", ENOMEM);
	/* no_new_privs is the process's own choice, not the filter's. Level 2: a binary tree, quicker to load and to run. */
	seccomp_attr_set(context, SCMP_FLTATR_CTL_NNP, 0);
	seccomp_attr_set(context, SCMP_FLTATR_CTL_OPTIMIZE, 2);
	result = add_architectures(context);
	result = result < 0 ? fail(failure, "seccomp", "architecture", -result) : add_rules(context, first, fallback, failure);
	if (result == 0)
		result = export_filter(context, fallback, fd, failure);
	seccomp_release(context);
	return result;
}

int seccomp_main(int fd, const struct wire_message *first)
{
	struct failure failure = { 0 };

	if (compile(fd, first, &failure) == 0)
		return 0;
	wire_write_error(fd, failure.step, failure.path, failure.error);
	return 1;
}
