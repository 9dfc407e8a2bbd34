// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// fgft-cc, the compiler that Kbuild sees during a capture: writes down the compilations of the scope and
// makes objects with nothing in them; everything else (the vdso, offsets, tests of compiler options) it
// leaves to the real compiler.
//
// It starts once for each object of the kernel, so it is linked statically and uses system calls alone.
#include "capture/CommandLog.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

namespace {

using namespace fgft;

/// What the arguments say.
struct Command {
  char** arguments = nullptr;
  const char* source = nullptr;
  const char* output = nullptr;
  const char* dependencies = nullptr; ///< -Wp,-MMD,FILE
  bool kernel = false;
  bool compile = false;
};

[[noreturn]] void die(const char* what, const char* name) {
  dprintf(STDERR_FILENO, "fgft-cc: %s %s: %s\n", what, name, strerror(errno));
  _exit(1);
}

const char* setting(const char* name) {
  const char* value = getenv(name);
  if (value && *value)
    return value;
  dprintf(STDERR_FILENO, "fgft-cc: %s is not set: this program is started by fgft capture\n", name);
  _exit(1);
}

bool startsWith(const char* text, const char* start) {
  return strncmp(text, start, strlen(start)) == 0;
}

bool endsWith(const char* text, const char* end) {
  size_t length = strlen(text), endLength = strlen(end);
  return length >= endLength && strcmp(text + length - endLength, end) == 0;
}

/// Options whose value is an argument of its own and could look like a source.
bool takesValue(const char* argument) {
  static const char* const options[] = {"-include", "-isystem", "-imacros", "-iquote", "-idirafter", "-D",
                                        "-U",       "-I",       "-x",       "-mllvm",  "-Xclang",    "-MF",
                                        "-MT",      "-MQ",      "--param",  "-target", nullptr};
  for (const char* const* option = options; *option; ++option)
    if (strcmp(argument, *option) == 0)
      return true;
  return false;
}

Command parse(char** arguments) {
  Command command;
  command.arguments = arguments;
  for (char** argument = arguments + 1; *argument; ++argument) {
    const char* text = *argument;
    if (strcmp(text, "-o") == 0 && argument[1])
      command.output = *++argument;
    else if (strcmp(text, "-c") == 0)
      command.compile = true;
    else if (strcmp(text, "-D__KERNEL__") == 0)
      command.kernel = true;
    else if (startsWith(text, "-Wp,-MMD,") || startsWith(text, "-Wp,-MD,"))
      command.dependencies = strchr(text + 4, ',') + 1;
    else if (takesValue(text) && argument[1])
      ++argument;
    else if (text[0] != '-' && (endsWith(text, ".c") || endsWith(text, ".S")))
      command.source = text;
  }
  return command;
}

/// True if a folder of the scope is the beginning of `path`.
bool inScope(const char* path) {
  if (startsWith(path, "./"))
    path += 2;
  const char* scope = setting(FGFT_CC_SCOPE);
  while (*scope) {
    const char* end = strchrnul(scope, ':');
    auto length = static_cast<size_t>(end - scope);
    if (length && strncmp(path, scope, length) == 0)
      return true;
    scope = *end ? end + 1 : end;
  }
  return false;
}

/// One write() on a descriptor opened for appending: the kernel keeps records of parallel compilers apart.
void record(const Command& command, char kind) {
  char directory[PATH_MAX];
  if (!getcwd(directory, sizeof directory))
    die("cannot ask for", "the working directory");
  size_t size = strlen(directory) + 1;
  for (char** argument = command.arguments; *argument; ++argument)
    size += strlen(*argument) + 1;
  size_t total = sizeof(CommandLogHeader) + size;
  char* buffer = static_cast<char*>(malloc(total));
  if (!buffer)
    die("cannot allocate", "memory");
  CommandLogHeader header = {{'F', 'G', 'C', 'C'}, static_cast<uint32_t>(size), kind, {}};
  memcpy(buffer, &header, sizeof header);
  char* at = stpcpy(buffer + sizeof header, directory) + 1;
  for (char** argument = command.arguments; *argument; ++argument)
    at = stpcpy(at, *argument) + 1;
  const char* path = setting(FGFT_CC_LOG);
  int file = open(path, O_WRONLY | O_APPEND | O_CLOEXEC);
  if (file < 0)
    die("cannot open", path);
  if (write(file, buffer, total) != static_cast<ssize_t>(total))
    die("cannot write", path);
  close(file);
}

void writeFile(const char* path, const char* content, size_t size) {
  int file = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);
  if (file < 0)
    die("cannot create", path);
  if (write(file, content, size) != static_cast<ssize_t>(size))
    die("cannot write", path);
  close(file);
}

/// Options that decide of which machine an object is. Instrumentation would put something into it, and some
/// of the kernel's rules look at what is in their objects.
bool decidesMachine(const char* argument) {
  static const char* const starts[] = {"--target=",       "-m16",         "-m32",         "-m64", "-mx32",
                                       "-march=",         "-mcpu=",       "-mabi=",       "-EL",  "-EB",
                                       "-mlittle-endian", "-mbig-endian", "-mfloat-abi=", nullptr};
  for (const char* const* start = starts; *start; ++start)
    if (startsWith(argument, *start))
      return true;
  return false;
}

/// Has the real compiler make an object from an empty file, for the machine of this command. Parallel makers
/// are no harm: each renames its own into place.
void makeEmptyObject(const Command& command, const char* path) {
  char temporary[PATH_MAX];
  snprintf(temporary, sizeof temporary, "%s.%d.tmp", path, getpid());
  size_t count = 0;
  while (command.arguments[count])
    ++count;
  char** arguments = static_cast<char**>(calloc(count + 7, sizeof(char*)));
  if (!arguments)
    die("cannot allocate", "memory");
  size_t kept = 0;
  arguments[kept++] = command.arguments[0];
  for (size_t i = 1; i < count; ++i)
    if (decidesMachine(command.arguments[i]))
      arguments[kept++] = command.arguments[i];
  const char* const more[] = {"-c", "-o", temporary, "-x", "c", "/dev/null"};
  for (const char* text : more)
    arguments[kept++] = const_cast<char*>(text);
  pid_t child = fork();
  if (child < 0)
    die("cannot start", arguments[0]);
  if (child == 0) {
    execvp(arguments[0], arguments);
    die("cannot run", arguments[0]);
  }
  int status = 0;
  while (waitpid(child, &status, 0) < 0 && errno == EINTR) {
  }
  if (status != 0) {
    dprintf(STDERR_FILENO, "fgft-cc: %s cannot make an empty object\n", arguments[0]);
    _exit(1);
  }
  if (rename(temporary, path) != 0)
    die("cannot rename to", path);
}

void fakeObject(const Command& command) {
  const char* path = setting(FGFT_CC_EMPTY);
  int file = open(path, O_RDONLY | O_CLOEXEC);
  if (file < 0) {
    makeEmptyObject(command, path);
    file = open(path, O_RDONLY | O_CLOEXEC);
  }
  static char content[1 << 16];
  ssize_t size = file < 0 ? -1 : read(file, content, sizeof content);
  if (size < 0 || size == static_cast<ssize_t>(sizeof content))
    die("cannot read", path);
  close(file);
  writeFile(command.output, content, static_cast<size_t>(size));
  if (!command.dependencies)
    return;
  // Kbuild's fixdep reads what is named here, in full, for CONFIG_ words; the objects are thrown away anyway.
  char text[PATH_MAX + 32];
  int length = snprintf(text, sizeof text, "%s: /dev/null\n", command.output);
  writeFile(command.dependencies, text, static_cast<size_t>(length));
}

} // namespace

int main(int, char** argv) {
  bool host = argv[1] && strcmp(argv[1], "--fgft-host") == 0;
  if (host)
    ++argv;
  // From here on the command is what it would have been without us.
  argv[0] = const_cast<char*>(setting(host ? FGFT_CC_HOST : FGFT_CC_REAL));
  Command command = parse(argv);
  if (host && command.source) {
    record(command, LogHost);
  } else if (command.kernel && command.compile && command.source && command.output &&
             inScope(command.output)) {
    record(command, endsWith(command.source, ".c") ? LogKernelC : LogAssembler);
    fakeObject(command);
    return 0;
  }
  execvp(argv[0], argv);
  die("cannot run", argv[0]);
}
