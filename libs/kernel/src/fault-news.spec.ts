import { FaultNews } from './fault-news.js';

describe('FaultNews', () => {
  it('tells a fault once, another one again, and once that it is over', () => {
    const news = new FaultNews();
    expect(news.isOver()).toBe(false);
    const tried = ['away', 'away', 'refused', 'away'].map((words) => news.isNews(new Error(words)));
    expect(tried).toEqual([true, false, true, true]);
    expect([news.isOver(), news.isOver()]).toEqual([true, false]);
    expect(news.isNews(new Error('away'))).toBe(true);
  });
});
