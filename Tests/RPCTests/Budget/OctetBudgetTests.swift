import RPC
import Synchronization
import Testing

@Suite struct OctetBudgetTests {
    private let step = ConnectionCharge.stepBytes

    @Test func `what is free is not counted, the rest in steps`() {
        let budget = OctetBudget(bytesMax: 1 << 20)
        var charge = ConnectionCharge(budget: budget, heldBytesMax: 1 << 20)
        #expect(!charge.needsSettling(held: step))
        charge.settle(held: step + 1, isUnfinished: true)
        #expect(budget.held == step)
        charge.settle(held: 5 * step, isUnfinished: true)
        #expect(budget.held == 4 * step)
        charge.settle(held: 0, isUnfinished: false)
        #expect(budget.held == 0)
        #expect(!charge.needsSettling(held: 0))
    }

    @Test func `when it is spent all are blocked but the oldest`() {
        let budget = OctetBudget(bytesMax: 4 * step)
        var first = ConnectionCharge(budget: budget, heldBytesMax: 1 << 30)
        var second = ConnectionCharge(budget: budget, heldBytesMax: 1 << 30)
        var small = ConnectionCharge(budget: budget, heldBytesMax: 1 << 30)
        first.settle(held: 3 * step, isUnfinished: true)
        second.settle(held: 3 * step, isUnfinished: true)
        small.settle(held: 100, isUnfinished: false)
        #expect(!first.isBlocked(others: 0))
        #expect(second.isBlocked(others: 0))
        #expect(!small.isBlocked(others: 0))
        #expect(first.room(others: 0, mayRefuse: true).isOldest)
        #expect(second.room(others: 0, mayRefuse: true).bytes == 0)
        first.settle(held: 3 * step, isUnfinished: false)
        #expect(!second.isBlocked(others: 0))
    }

    @Test func `a connection's own bound holds while it holds something else`() {
        let budget = OctetBudget()
        var charge = ConnectionCharge(budget: budget, heldBytesMax: 4 * step)
        charge.settle(held: 5 * step, isUnfinished: true)
        #expect(charge.isBlocked(others: step))
        #expect(!charge.isBlocked(others: 0))
        #expect(charge.room(others: step, mayRefuse: true).bytes == 3 * step)
    }

    @Test func `who begins to wait when the reason has just gone is told at once`() {
        let budget = OctetBudget(bytesMax: 100)
        let told = Mutex(0)
        func wait(_ ticket: OctetBudget.Ticket?) { budget.wait(asOwnerOf: ticket) { told.withLock { $0 += 1 } } }
        let first = budget.begin()
        let second = budget.begin()
        budget.change(by: 100)
        wait(second)
        #expect(told.withLock { $0 } == 0)
        budget.end(first)
        #expect(told.withLock { $0 } == 1)
        wait(second)
        #expect(told.withLock { $0 } == 2)
        wait(nil)
        #expect(told.withLock { $0 } == 2)
        budget.change(by: -1)
        #expect(told.withLock { $0 } == 3)
        wait(nil)
        #expect(told.withLock { $0 } == 4)
    }

    @Test func `who waits is told when octets become free, and when another is the oldest`() {
        let budget = OctetBudget(bytesMax: 100)
        let told = Mutex(0)
        func wait() { budget.wait { told.withLock { $0 += 1 } } }
        let (first, second) = (budget.begin(), budget.begin())
        budget.change(by: 150)
        wait()
        budget.change(by: -20)
        #expect(told.withLock { $0 } == 0)
        budget.change(by: -40)
        #expect(told.withLock { $0 } == 1)
        wait()
        budget.end(second)
        #expect(told.withLock { $0 } == 1)
        budget.end(first)
        #expect(told.withLock { $0 } == 2)
        #expect(budget.isOldest(nil))
    }
}
