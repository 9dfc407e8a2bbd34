// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// From a command line to an invocation.
#include "capture/Invocation.h"

#include "support/Error.h"

#include <algorithm>
#include <filesystem>
#include <numeric>

namespace fgft {

namespace {

using Compiler = GccFlags::Compiler;

std::string baseName(const std::string& path) {
  return path.substr(path.rfind('/') + 1);
}

bool endsWith(const std::string& text, std::string_view end) {
  return std::string_view(text).ends_with(end);
}

bool isAssembler(const std::string& file) {
  return endsWith(file, ".S") || endsWith(file, ".s");
}

/// The program is not always the first word: ccache and its like stand before it.
std::size_t compilerIndex(const std::vector<std::string>& arguments) {
  for (std::size_t i = 0; i + 1 < arguments.size() && i < 3; ++i) {
    std::string name = baseName(arguments[i]);
    if (name != "ccache" && name != "distcc" && name != "icecc" && name != "sccache")
      return i;
  }
  return 0;
}

Compiler compilerOf(const std::vector<std::string>& arguments, std::size_t index) {
  std::string name = baseName(arguments[index]);
  if (name.find("clang") != std::string::npos)
    return Compiler::Clang;
  if (name.find("gcc") != std::string::npos)
    return Compiler::Gcc;
  // "cc" may be either; only clang has these two.
  for (const std::string& argument : arguments)
    if (argument.starts_with("--target=") || argument == "-fintegrated-as")
      return Compiler::Clang;
  return Compiler::Gcc;
}

/// The target that a cross gcc has in its name (aarch64-linux-gnu-gcc-12); "" for a native one.
std::string targetOfName(const std::string& compiler) {
  std::string name = baseName(compiler);
  std::size_t gcc = name.rfind("-gcc");
  return gcc == std::string::npos ? std::string() : name.substr(0, gcc);
}

/// What a path to `header` below include/ says about the root it lies in.
std::string rootOf(const std::string& path, std::string_view header) {
  return endsWith(path, header) ? path.substr(0, path.size() - header.size()) : std::string();
}

/// `path` relative to `root` if it lies below.
bool below(const std::string& path, const std::string& root, std::string& relative) {
  if (root.empty() || path.size() <= root.size() + 1 || path[root.size()] != '/' || !path.starts_with(root))
    return false;
  relative = path.substr(root.size() + 1);
  return true;
}

/// KBUILD_MODFILE and KBUILD_MODNAME as C strings: "a" or "a b".
std::string unquoted(std::string_view text) {
  std::string result;
  for (char c : text)
    if (c != '"' && c != '\\')
      result += c;
  return result;
}

std::vector<std::string> splitAt(const std::string& text, char separator) {
  std::vector<std::string> parts;
  std::size_t begin = 0;
  while (begin <= text.size()) {
    std::size_t end = std::min(text.find(separator, begin), text.size());
    if (end > begin)
      parts.push_back(text.substr(begin, end - begin));
    begin = end + 1;
  }
  return parts;
}

/// Takes one command apart; a class, because its parts share what they have found so far.
class Normaliser {
public:
  Normaliser(const CompileCommand& command, const GccFlags& flags) : command_(command), flags_(flags) {}

  std::optional<Invocation> run(DropReason& reason) {
    std::size_t first = compilerIndex(command_.arguments);
    compiler_ = compilerOf(command_.arguments, first);
    if (compiler_ == Compiler::Gcc)
      if (std::string target = targetOfName(command_.arguments[first]); !target.empty())
        result_.args.push_back("--target=" + target);
    for (index_ = first + 1; index_ < command_.arguments.size(); ++index_)
      takeArgument();
    if (!isUnit(reason))
      return std::nullopt;
    setPaths();
    setModules();
    return std::move(result_);
  }

private:
  /// One argument, and the next where it is this one's value.
  void takeArgument() {
    const std::string& argument = command_.arguments[index_];
    if (argument.empty() || argument[0] != '-' || argument == "-") {
      sources_.push_back(argument);
      return;
    }
    std::string value = index_ + 1 < command_.arguments.size() ? command_.arguments[index_ + 1] : "";
    observe(argument, value);
    std::optional<GccFlags::Rule> rule = flags_.find(argument, compiler_);
    if (!rule) {
      if (compiler_ == Compiler::Clang)
        result_.args.push_back(argument);
      else
        result_.unknownFlags.push_back(argument);
      return;
    }
    if (rule->action == GccFlags::Action::Keep)
      result_.args.push_back(argument);
    else if (rule->action == GccFlags::Action::Replace)
      result_.args.push_back(rule->value);
    if (rule->takesNext && index_ + 1 < command_.arguments.size()) {
      ++index_;
      if (rule->action != GccFlags::Action::Drop)
        result_.args.push_back(value);
    }
    // The fix must come after kconfig.h, which brings the CONFIG_ symbols, and before the headers that ask
    // them.
    if (compiler_ == Compiler::Gcc && argument == "-include" && endsWith(value, "/include/linux/kconfig.h") &&
        !flags_.undefined().empty()) {
      result_.args.push_back("-include");
      result_.args.push_back(flags_.fixHeader());
    }
  }

  /// What an argument says beside being passed on.
  void observe(const std::string& argument, const std::string& value) {
    if (argument == "-D__KERNEL__" || (argument == "-D" && value == "__KERNEL__"))
      kernel_ = true;
    else if (argument == "-D__ASSEMBLY__")
      assembly_ = true;
    else if (argument == "-DMODULE")
      result_.modular = true;
    else if (argument == "-c")
      compile_ = true;
    else if (argument == "-E" || argument == "-S" || argument == "-M" || argument == "-MM" ||
             argument == "-fsyntax-only")
      notObject_ = true;
    else if (argument == "--analyze")
      analyze_ = true;
    else if (argument == "-o")
      output_ = value;
    else if (argument == "-include")
      observeInclude(value);
    else if (argument.starts_with("-DKBUILD_MODFILE="))
      modFile_ = unquoted(std::string_view(argument).substr(17));
    else if (argument.starts_with("-DKBUILD_MODNAME="))
      modName_ = unquoted(std::string_view(argument).substr(17));
  }

  /// Every kernel compile includes kconfig.h by the command line, and so names the source root.
  void observeInclude(const std::string& header) {
    std::string path = absolutePath(header, command_.directory);
    for (std::string_view known : {"/include/linux/compiler_types.h", "/include/linux/kconfig.h"})
      if (std::string root = rootOf(path, known); !root.empty())
        result_.sourceRoot = root;
  }

  bool isUnit(DropReason& reason) const {
    std::string file = sources_.empty() ? command_.file : sources_.back();
    if (isAssembler(file) || assembly_)
      reason = DropReason::Assembler;
    else if (!endsWith(file, ".c"))
      reason = DropReason::NoSource;
    else if (!kernel_)
      reason = DropReason::HostTool;
    else if (notObject_ || (!compile_ && !analyze_))
      reason = DropReason::NotACompile;
    else if (result_.sourceRoot.empty())
      reason = DropReason::NotAKernel;
    else
      return true;
    return false;
  }

  void setPaths() {
    result_.directory = absolutePath(command_.directory, "/");
    result_.buildRoot = result_.directory;
    std::string file = sources_.empty() ? command_.file : sources_.back();
    result_.path = absolutePath(file, result_.directory);
    // A build folder may lie inside the source (O=build): ask for the narrower root first then, and last
    // otherwise.
    std::string unused;
    bool inside = below(result_.buildRoot, result_.sourceRoot, unused);
    if (result_.buildRoot != result_.sourceRoot &&
        (inside || !below(result_.path, result_.sourceRoot, unused)) &&
        below(result_.path, result_.buildRoot, result_.file))
      result_.generated = true;
    else if (!below(result_.path, result_.sourceRoot, result_.file))
      result_.file = result_.path;
    if (output_.empty())
      output_ = command_.output;
    std::string output = absolutePath(output_, result_.directory);
    if (!output_.empty() && !below(output, result_.buildRoot, result_.output))
      result_.output = output;
  }

  void setModules() {
    // Only built-in code asks for KBUILD_MODFILE, and Kbuild gives it to nothing else: where capture added it
    // to learn the module, it goes again, so that a captured command equals the same command of a plain
    // build.
    if (result_.modular)
      std::erase_if(result_.args, [](const std::string& a) { return a.starts_with("-DKBUILD_MODFILE="); });
    result_.modules = splitAt(modFile_, ' ');
    if (!result_.modules.empty())
      return;
    result_.modulesGuessed = true;
    std::string folder = result_.output.empty() ? result_.file : result_.output;
    std::size_t slash = folder.rfind('/');
    folder.resize(slash == std::string::npos ? 0 : slash + 1);
    for (const std::string& name : splitAt(modName_, ':'))
      result_.modules.push_back(folder + name);
  }

  const CompileCommand& command_;
  const GccFlags& flags_;
  Compiler compiler_ = Compiler::Clang;
  std::size_t index_ = 0;
  Invocation result_;
  std::vector<std::string> sources_;
  std::string output_, modFile_, modName_;
  bool kernel_ = false, assembly_ = false, compile_ = false, notObject_ = false, analyze_ = false;
};

// Whether no part of a path is empty, "." or "..", a slash at the end apart.
bool isNormal(std::string_view path) {
  if (path.starts_with('/'))
    path.remove_prefix(1);
  while (!path.empty()) {
    std::string_view part = path.substr(0, path.find('/'));
    if (part.empty() || part == "." || part == "..")
      return false;
    path.remove_prefix(std::min(part.size() + 1, path.size()));
  }
  return true;
}

void replaceRoot(std::string& text, const std::string& root, const std::string& name) {
  for (std::size_t at = text.find(root); at != std::string::npos; at = text.find(root, at + name.size())) {
    std::size_t end = at + root.size();
    // Only whole path components: /a/linux is no prefix of /a/linux-6.12.
    if (end == text.size() || text[end] == '/' || text[end] == '=' || text[end] == '"')
      text.replace(at, root.size(), name);
    else
      at = end - name.size();
  }
}

} // namespace

const char* toString(DropReason reason) {
  switch (reason) {
  case DropReason::HostTool:
    return "host program";
  case DropReason::Assembler:
    return "assembler";
  case DropReason::NotACompile:
    return "no compilation";
  case DropReason::NoSource:
    return "no C file";
  case DropReason::NotAKernel:
    return "no kernel headers";
  }
  return "";
}

std::size_t DropCounts::total() const {
  return std::accumulate(count.begin(), count.end(), std::size_t{0});
}

std::string absolutePath(const std::string& path, const std::string& directory) {
  bool joined = !path.starts_with('/') && !directory.empty();
  std::string text = joined ? directory + '/' + path : path;
  // Asked a million times a run, nearly always of a path that has nothing to normalise.
  if (!isNormal(text))
    text = std::filesystem::path(text).lexically_normal().string();
  while (text.size() > 1 && text.back() == '/')
    text.pop_back();
  return text;
}

bool Invocation::isPerFile(const std::string& argument) {
  return argument.starts_with("-DKBUILD_MOD") || argument.starts_with("-DKBUILD_BASENAME") ||
         argument.starts_with("-D__KBUILD_MODNAME");
}

std::string Invocation::flagGroup() const {
  std::string group = directory;
  for (const std::string& argument : args)
    if (!isPerFile(argument)) {
      group += '\n';
      group += argument;
    }
  return group;
}

std::vector<std::string> Invocation::portableArgs() const {
  std::vector<std::string> portable = args;
  // The longer root first: one may lie inside the other.
  bool buildFirst = buildRoot.size() > sourceRoot.size();
  for (std::string& argument : portable) {
    if (buildFirst)
      replaceRoot(argument, buildRoot, "$B");
    replaceRoot(argument, sourceRoot, "$S");
    if (!buildFirst)
      replaceRoot(argument, buildRoot, "$B");
  }
  return portable;
}

std::optional<Invocation> normalise(const CompileCommand& command, const GccFlags& flags,
                                    DropReason* reason) {
  DropReason why = DropReason::NoSource;
  std::optional<Invocation> result = Normaliser(command, flags).run(why);
  if (!result && reason)
    *reason = why;
  return result;
}

} // namespace fgft
