// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Strongly connected components of a graph, what is called before its callers.
#pragma once

#include <algorithm>
#include <cstdint>
#include <vector>

namespace fgft {

/// Tarjan's algorithm without recursion: modules have call chains of thousands. `successors(node, n)` is the
/// node's n-th successor, or -1 behind the last; `-2` is passed over.
template <typename Successors>
std::vector<std::vector<uint32_t>> stronglyConnected(size_t count, Successors successors) {
  constexpr uint32_t unseen = ~uint32_t(0);
  std::vector<std::vector<uint32_t>> components;
  std::vector<uint32_t> order(count, unseen), low(count), stack;
  std::vector<bool> onStack(count, false);
  uint32_t next = 0;
  struct Frame {
    uint32_t node;
    size_t edge;
  };
  std::vector<Frame> frames;
  auto enter = [&](uint32_t node) {
    order[node] = low[node] = next++;
    stack.push_back(node);
    onStack[node] = true;
    frames.push_back({node, 0});
  };
  auto leave = [&](uint32_t node) {
    if (low[node] != order[node])
      return;
    std::vector<uint32_t>& component = components.emplace_back();
    while (component.empty() || component.back() != node) {
      component.push_back(stack.back());
      onStack[stack.back()] = false;
      stack.pop_back();
    }
    std::sort(component.begin(), component.end());
  };
  for (uint32_t root = 0; root < count; ++root) {
    if (order[root] != unseen)
      continue;
    enter(root);
    while (!frames.empty()) {
      uint32_t node = frames.back().node;
      int64_t target = successors(node, frames.back().edge++);
      if (target >= 0) {
        auto to = static_cast<uint32_t>(target);
        if (order[to] == unseen)
          enter(to);
        else if (onStack[to])
          low[node] = std::min(low[node], order[to]);
      } else if (target == -1) {
        frames.pop_back();
        if (!frames.empty())
          low[frames.back().node] = std::min(low[frames.back().node], low[node]);
        leave(node);
      }
    }
  }
  return components;
}

} // namespace fgft
