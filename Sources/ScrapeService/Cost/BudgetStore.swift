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
        var budget = Budget(
            maxCost: task.maxCost, maxCostPerDay: task.maxCostPerDay, serviceMaxPerDay: serviceMaxPerDay)
        let counts = DayCounts(transaction)
        let day = DayCounts.day(of: now)
        for index in budget.lines.indices {
            budget.lines[index].spent =
                switch budget.lines[index].bound {
                case .task: task.spent
                case .taskDay: try counts.spent(on: day, by: task.id)
                case .serviceDay: try counts.spent(on: day)
                }
        }
        return budget
    }
}
