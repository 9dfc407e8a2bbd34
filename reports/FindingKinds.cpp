// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The kinds of findings in words; see FindingKinds.h. docs/semantics.md says the same at length.
#include "reports/FindingKinds.h"

#include <map>

namespace fgft::report {

FindingKind findingKind(const std::string& kind) {
  static const std::map<std::string, FindingKind> kinds = {
      {"shadowed-legacy-hook",
       {"A legacy suspend or resume hook stands beside a .pm that shadows it",
        "The bus calls the old suspend/resume members only where the driver has no dev_pm_ops. This driver "
        "has one, "
        "so the old hook is never called, and what it does at suspend does not happen."}},
      {"dead-legacy-hook",
       {"A suspend or resume hook that its bus never calls",
        "The driver fills a suspend or resume member that nothing in this kernel's bus code calls. The "
        "driver looks "
        "as if it could sleep and wake up, and it cannot."}},
      {"legacy-hook-beside-pm",
       {"A legacy suspend or resume hook that its bus calls, and a .pm that it does not",
        "This bus calls the old suspend/resume members even where the driver has a dev_pm_ops, so in the "
        "phases of the "
        "old hooks the .pm is not looked at. One of the two is dead code, and it is the newer one."}},
      {"ignored-pm-ops",
       {"A .pm that its bus never looks at", "The driver gives a dev_pm_ops, and its bus does system sleep "
                                             "in another way. The callbacks look like coverage "
                                             "and are never called."}},
      {"suspend-without-resume",
       {"A driver that suspends and does not resume", "There is a callback for going to sleep and none for "
                                                      "waking up: the device stays as suspend left it."}},
      {"resume-without-suspend",
       {"A driver that resumes and does not suspend",
        "There is a callback for waking up and none for going to sleep: nothing stops the device, nothing is "
        "saved."}},
  };
  const auto found = kinds.find(kind);
  return found == kinds.end() ? FindingKind{kind, "A finding of kind " + kind + "."} : found->second;
}

} // namespace fgft::report
