// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Walks the source once; folders free of build products are linked whole.
#include "capture/SourceMirror.h"

#include "capture/IgnoreRules.h"
#include "support/AtomicFile.h"
#include "support/Error.h"

#include <algorithm>
#include <filesystem>
#include <vector>

namespace fs = std::filesystem;

namespace fgft {

namespace {

class Mirror {
public:
  Mirror(std::string source, std::string mirror) : source_(std::move(source)), mirror_(std::move(mirror)) {}

  void run() {
    fs::remove_all(mirror_);
    Folder root = look("");
    make(root);
  }

private:
  struct Folder {
    std::string path;               ///< relative to the source
    bool clean = true;              ///< nothing of the build in it or below
    std::vector<std::string> links; ///< files, and folders that are clean
    std::vector<Folder> folders;    ///< folders that are not
  };

  Folder look(const std::string& path) {
    Folder folder;
    folder.path = path;
    std::size_t rules = rules_.size();
    std::string here = source_ + (path.empty() ? "" : "/" + path);
    std::error_code ignored;
    if (fs::is_regular_file(here + "/.gitignore", ignored))
      rules_.add(readFile(here + "/.gitignore"), path);
    for (const fs::directory_entry& entry : fs::directory_iterator(here)) {
      std::string name = entry.path().filename().string();
      std::string relative = path.empty() ? name : path + "/" + name;
      bool isFolder = entry.is_directory() && !entry.is_symlink();
      // Kbuild would ask Git whether the tree is dirty, and links are not what Git has there: leave it out.
      if (relative == ".git" || rules_.ignored(relative, isFolder)) {
        folder.clean = false;
      } else if (isFolder) {
        Folder inner = look(relative);
        if (inner.clean) {
          folder.links.push_back(relative);
        } else {
          folder.clean = false;
          folder.folders.push_back(std::move(inner));
        }
      } else {
        folder.links.push_back(relative);
      }
    }
    rules_.truncate(rules);
    return folder;
  }

  void make(const Folder& folder) {
    fs::create_directory(mirror_ + "/" + folder.path);
    for (const std::string& link : folder.links)
      fs::create_symlink(source_ + "/" + link, mirror_ + "/" + link);
    for (const Folder& inner : folder.folders)
      make(inner);
  }

  std::string source_;
  std::string mirror_;
  IgnoreRules rules_;
};

} // namespace

void makeSourceMirror(const std::string& source, const std::string& mirror) {
  try {
    Mirror(source, mirror).run();
  } catch (const fs::filesystem_error& error) {
    throw Error("cannot make a clean view of {}: {}", source, error.what());
  }
}

} // namespace fgft
