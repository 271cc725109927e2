import Foundation
import ServiceContracts

/// Jobs and queues as lines for people.
enum JobText {
    static func line(of job: JobDescription) -> String {
        var words = [
            padded(String(job.id), 10), padded(job.state, 11), padded(job.kind, 12), padded(job.queue, 12),
            time(job.createdAt),
        ]
        if let note = job.note { words.append(TerminalText.plain(note)) }
        return words.joined(separator: " ")
    }

    static func line(of progress: JobProgressDescription) -> String {
        let total = progress.total.map { " of \($0)" } ?? ""
        let note = progress.note.map { " " + TerminalText.plain($0) } ?? ""
        return "\(padded("", 10)) \(progress.done)\(total)\(note)"
    }

    static func lines(of job: JobDescription) -> String {
        let rows: [(String, String?)] = [
            ("id", String(job.id)), ("kind", job.kind), ("queue", job.queue), ("state", job.state),
            ("attempt", String(job.attempt)), ("rescues", String(job.rescues)), ("priority", String(job.priority)),
            ("created", time(job.createdAt)), ("due", time(job.dueAt)), ("started", job.startedAt.map(time)),
            ("ended", job.endedAt.map(time)), ("note", job.note.map(TerminalText.plain)),
            ("progress", job.progress.map(text)),
        ]
        return rows.compactMap { name, value in value.map { padded(name, 10) + $0 } }.joined(separator: "\n")
    }

    /// `500 of 1000 (phase=crawling …)`
    private static func text(_ progress: JobDescription.Progress) -> String {
        let total = progress.total.map { " of \($0)" } ?? ""
        let note = progress.note.map { " (\(TerminalText.plain($0)))" } ?? ""
        return "\(progress.done)\(total)\(note)"
    }

    static func line(of queue: JobQueueDescription) -> String {
        let cap = queue.cap.map { "at most \($0)" } ?? "at most as many as set"
        let paused = queue.pausedAt.map { ", paused since \(time($0))" } ?? ""
        return "\(padded(queue.name, 16)) \(queue.ready) ready, \(queue.executing) running, \(cap)\(paused)"
    }

    static func words(of filter: JobFilterParameters) -> String {
        var words: [String] = []
        if let kind = filter.kind { words.append("kind \(kind)") }
        if let queue = filter.queue { words.append("queue \(queue)") }
        if let from = filter.createdFrom { words.append("created since \(time(from))") }
        if let before = filter.createdBefore { words.append("created before \(time(before))") }
        return words.isEmpty ? "(any)" : words.joined(separator: ", ")
    }

    private static func time(_ milliseconds: Int64) -> String {
        Date(timeIntervalSince1970: TimeInterval(milliseconds) / 1000).formatted(.iso8601)
    }

    private static func padded(_ text: String, _ width: Int) -> String {
        text + String(repeating: " ", count: max(0, width - text.count))
    }
}
