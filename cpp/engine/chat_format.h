#pragma once

#include <atomic>
#include <ctime>
#include <memory>
#include <mutex>
#include <string>

#include "engine/reply_rules.h"
#include "engine/vocabulary.h"
#include "jinja/text.h"

namespace reprise {

/// What a template makes of a conversation with tools or reasoning, and how its reply is read. It never
/// changes.
class ChatFormat {
public:
    /// The parts of a reply, as JSON: `{content, reasoning, toolCalls: [{id, name, arguments}]}`. What is no
    /// reply of this format is all content. `partial`: more may follow. Any thread may call it.
    std::string parse(const std::string & text, bool partial) const;

    const jinja::Text & prompt() const { return prompt_; }
    const ReplyRules & rules() const { return rules_; }
    /// Whether the template has reasoning.
    bool thinks() const { return !rules_.thinking_start.empty() || !rules_.thinking_ends.empty(); }

private:
    friend class ChatFormats;
    struct Parser;
    ChatFormat() = default;

    jinja::Text prompt_;
    ReplyRules rules_;
    std::shared_ptr<const Parser> parser_;
};

/// The formats of one template's conversations, by llama.cpp's chat engine. Any thread may use it.
class ChatFormats {
public:
    /// Throws Error TEMPLATE_INVALID.
    ChatFormats(const std::string & source, const std::string & bos, const std::string & eos);
    ~ChatFormats();

    /// `request` is JSON as NativeReplyRequest of lib/addon.ts says. Throws Error TEMPLATE_INVALID where the
    /// template refuses it or has no format, or cannot do without reasoning.
    std::shared_ptr<const ChatFormat> format(const std::string & request, const Vocabulary & vocabulary,
                                             std::time_t now, const std::atomic<bool> & stop);

private:
    struct Engine;
    std::unique_ptr<Engine> engine_;
    std::mutex mutex_;
};

} // namespace reprise
