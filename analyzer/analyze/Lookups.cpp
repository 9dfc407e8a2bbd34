// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Repeats the search for each include directive; see Lookups.h.
#include "analyze/Lookups.h"

#include "capture/Invocation.h"

#include <clang/Lex/HeaderSearch.h>
#include <clang/Lex/HeaderSearchOptions.h>
#include <clang/Lex/PPCallbacks.h>
#include <clang/Lex/Preprocessor.h>
#include <llvm/ADT/StringSet.h>
#include <llvm/Support/Path.h>

using namespace clang;

namespace fgft {

namespace {

class MissingNoter : public PPCallbacks {
public:
  MissingNoter(Preprocessor& preprocessor, const std::string& directory, std::vector<std::string>& missing)
      : preprocessor_(preprocessor), directory_(directory), missing_(missing) {
    // Folders that are not there are not searched; one that appears is.
    for (const auto& entry : preprocessor.getHeaderSearchInfo().getHeaderSearchOpts().UserEntries)
      if (!preprocessor.getFileManager().getOptionalDirectoryRef(entry.Path))
        missing_.push_back(absolutePath(entry.Path, directory_));
  }

  void InclusionDirective(SourceLocation hash, const Token& word, StringRef name, bool angled,
                          CharSourceRange, OptionalFileEntryRef file, StringRef folder, StringRef,
                          const Module*, bool, SrcMgr::CharacteristicKind) override {
    bool next = word.getIdentifierInfo() && word.getIdentifierInfo()->getName() == "include_next";
    search(hash, name, angled, file, folder, next);
  }
  void HasInclude(SourceLocation where, StringRef name, bool angled, OptionalFileEntryRef file,
                  SrcMgr::CharacteristicKind) override {
    StringRef folder;
    if (file) {
      folder = file->getName();
      folder.consume_back(name);
      folder = folder.rtrim('/');
    }
    search(where, name, angled, file, folder, /*next=*/false);
  }

private:
  // `folder`: where it was found. After include_next the search begins somewhere in between, and what lies
  // before may be there.
  void search(SourceLocation where, StringRef name, bool angled, OptionalFileEntryRef file, StringRef folder,
              bool next) {
    if (llvm::sys::path::is_absolute(name))
      return;
    std::string beside = angled ? std::string() : includerFolder(where);
    if (!searched_.insert((beside + (angled ? "\n<" : "\n\"") + folder + "\n" + name).str()).second)
      return;
    if (!angled) {
      if (file && beside == folder)
        return;
      add(beside, name, next);
    }
    const HeaderSearch& headers = preprocessor_.getHeaderSearchInfo();
    auto from = angled ? headers.angled_dir_begin() : headers.search_dir_begin();
    for (auto end = headers.search_dir_end(); from != end; ++from) {
      if (file && from->getName() == folder)
        return;
      add(from->getName(), name, next);
    }
  }

  std::string includerFolder(SourceLocation where) {
    const SourceManager& sources = preprocessor_.getSourceManager();
    auto file = sources.getFileEntryRefForID(sources.getFileID(sources.getExpansionLoc(where)));
    return file ? file->getDir().getName().str() : std::string();
  }

  void add(StringRef folder, StringRef name, bool mayBeThere) {
    std::string path = (folder + "/" + name).str();
    if (mayBeThere && preprocessor_.getFileManager().getOptionalFileRef(path))
      return;
    path = absolutePath(path, directory_);
    if (known_.insert(path).second)
      missing_.push_back(std::move(path));
  }

  Preprocessor& preprocessor_;
  std::string directory_;
  std::vector<std::string>& missing_;
  llvm::StringSet<> searched_, known_;
};

} // namespace

void noteMissing(Preprocessor& preprocessor, const std::string& directory,
                 std::vector<std::string>& missing) {
  preprocessor.addPPCallbacks(std::make_unique<MissingNoter>(preprocessor, directory, missing));
}

} // namespace fgft
