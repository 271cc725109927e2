import Database

/// Reads what is spent and what may be, inside a transaction.
struct BudgetStore {
    let transaction: any Transaction
    /// Of all tasks together in a day; nil: any amount.
    let serviceMaxPerDay: Cost?

    init(_ transaction: any Transaction, serviceMaxPerDay: Cost?) {
        self.transaction = transaction
        self.serviceMaxPerDay = serviceMaxPerDay
    }

    func budget(of task: TaskRecord, at now: Int64) throws -> Budget {
        var budget = Budget()
        let counts = DayCounts(transaction)
        let day = DayCounts.day(of: now)
        if let most = task.maxCost { budget.lines.append(.init(bound: .task, most: most, spent: task.spent)) }
        if let most = task.maxCostPerDay {
            budget.lines.append(.init(bound: .taskDay, most: most, spent: try counts.spent(on: day, by: task.id)))
        }
        if let most = serviceMaxPerDay {
            budget.lines.append(.init(bound: .serviceDay, most: most, spent: try counts.spent(on: day)))
        }
        return budget
    }
}
