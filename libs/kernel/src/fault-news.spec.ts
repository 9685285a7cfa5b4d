import { TransientError } from './errors.js';
import { FaultNews } from './fault-news.js';

describe('FaultNews', () => {
  it('tells a fault once, another one again, and once that it is over', () => {
    const news = new FaultNews();
    expect(news.isOver()).toBe(false);
    const tried = ['away', 'away', 'refused', 'away'].map((words) => news.isNews(new Error(words)));
    expect(tried).toEqual([true, false, true, false]);
    expect([news.isOver(), news.isOver()]).toEqual([true, false]);
    expect(news.isNews(new Error('away'))).toBe(true);
  });

  it('tells once that something is away, whatever fails by it', () => {
    const news = new FaultNews();
    const away = ['read a', 'read b'].map((words) => news.isNews(new TransientError(words)));
    expect(away).toEqual([true, false]);
    expect(news.isNews(new Error('broken'))).toBe(true);
    expect(news.isOver()).toBe(true);
    expect(news.isNews(new TransientError('read c'))).toBe(true);
  });

  it('tells a fault again that comes after a while without any', () => {
    const news = new FaultNews();
    const away = new Error('away');
    expect([0, 50_000, 100_000, 161_000].map((nowMs) => news.isNews(away, nowMs))).toEqual([
      true,
      false,
      false,
      true,
    ]);
  });

  it('tells a few of the ways in which it fails, however many there are', () => {
    const news = new FaultNews();
    const told = Array.from({ length: 100 }, (_, index) => news.isNews(new Error(`try ${index}`)));
    expect(told.filter(Boolean)).toHaveLength(8);
  });
});
